"""Judges what bench/load-tail.sh asks of the tail. Not to be called by itself."""

import json
import math
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PERIOD_US = 10_000_000
# No quantile that is asked for lies near the share of patients who wait, 8 % of them here: at that corner stand those whose wait
# is nothing yet or nothing any more, and there a law that leaves out the answering of those who waited is off.
STALL_US = 800_000
# Of those who come while it is frozen or works off what has come, 1/(1 - ρ) times 7 %, so 8.75 %.
FREEZE_US, FROZEN_SERVICE_US = 700_000, 2_000
MEAN_SERVICE_US = 500
QUANTILES = {"p50_us": 0.5, "p90_us": 0.9, "p95_us": 0.95, "p99_us": 0.99, "p999_us": 0.999}

JOURNEY = """format = "journey/1"
name = "one"
patience = "300 days"
[[step]]
name = "ask"
action = "other"
path = "/{patient}"
"""


class Case:
    """A server whose delays are known; without a word of its own it answers at once."""

    # A sixtieth more than a hundred: at equal distances the arrivals of six periods then fall between each other.
    per_second = 100 + 1 / 60

    def delays(self, luck, count):
        """Delay or service of each request, in µs; None where the requests have none of their own."""
        return None

    def words(self):
        return []

    def await_start(self):
        """Waits for the instant at which a run may begin."""

    def drive(self, server, is_over):
        """What is done to the server until the run is over."""

    def by_law(self, arrivals):
        """How long each of these arrivals, (instant of the server's clock, delay), waits for its answer, in µs."""
        raise NotImplementedError

    def by_theory(self, share, is_poisson):
        """The quantile in the limit of many arrivals; None where those of a run may be far from it."""
        return None


class Stall(Case):
    def words(self):
        return ["--stall", f"{PERIOD_US / 1e6},{STALL_US / 1e6}"]

    def by_law(self, arrivals):
        return [max(STALL_US - at % PERIOD_US, 0) for at, _ in arrivals]

    def by_theory(self, share, is_poisson):
        return None if is_poisson else max(STALL_US - (1 - share) * PERIOD_US, 0)


class Worker(Case):
    """One worker in the order of arrival: Lindley's recursion."""

    def words(self):
        return ["--one-worker"]

    def answered_at(self, free_at, at, service):
        return max(free_at, at) + service

    def by_law(self, arrivals):
        free_at, waits = 0, []
        for at, service in arrivals:
            free_at = self.answered_at(free_at, at, service)
            waits.append(free_at - at)
        return waits


class Frozen(Worker):
    """Stopped and continued as a process; `windows` are the times for which it was."""

    def __init__(self):
        self.windows = []

    def delays(self, luck, count):
        return [FROZEN_SERVICE_US] * count

    def left_us(self):
        """Until it is stopped again."""
        return PERIOD_US - time.monotonic_ns() // 1000 % PERIOD_US

    def await_start(self):
        # Half a period before, so that every stop and what it leads to lies within the run, as theory has it.
        time.sleep((self.left_us() + PERIOD_US / 2) % PERIOD_US / 1e6)

    def drive(self, server, is_over):
        while not is_over.is_set():
            time.sleep(self.left_us() / 1e6)
            if is_over.is_set():
                return
            stopped_at = time.monotonic_ns() // 1000
            server.send_signal(signal.SIGSTOP)
            time.sleep(FREEZE_US / 1e6)
            server.send_signal(signal.SIGCONT)
            self.windows.append((stopped_at, time.monotonic_ns() // 1000))

    def awake_at(self, at):
        return next((until for since, until in self.windows if since <= at < until), at)

    def answered_at(self, free_at, at, service):
        return self.awake_at(self.awake_at(max(free_at, at)) + service)

    def by_theory(self, share, is_poisson):
        rho = FROZEN_SERVICE_US * self.per_second / 1e6
        fluid = FREEZE_US - (1 - share) * (1 - rho) * PERIOD_US
        return None if is_poisson else max(fluid, 0) + FROZEN_SERVICE_US


class Seeded(Case):
    per_second = 200

    def __init__(self, law):
        self.law = law

    def delays(self, luck, count):
        return [round(self.law(luck)) for _ in range(count)]

    def by_law(self, arrivals):
        return [delay for _, delay in arrivals]


class Exponential(Worker):
    per_second = 1_000

    def delays(self, luck, count):
        return [max(round(luck.expovariate(1) * MEAN_SERVICE_US), 1) for _ in range(count)]

    def by_theory(self, share, is_poisson):
        rho = MEAN_SERVICE_US * self.per_second / 1e6
        # The share of arrivals who find the worker busy: ρ itself, or the root of σ = exp(-(1 - σ)/ρ).
        busy = rho
        for _ in range(0 if is_poisson else 200):
            busy = math.exp(-(1 - busy) / rho)
        return -math.log(1 - share) * MEAN_SERVICE_US / (1 - busy)


class Constant(Worker):
    per_second = 1_000

    def delays(self, luck, count):
        return [MEAN_SERVICE_US] * count

    def by_theory(self, share, is_poisson):
        if not is_poisson:
            return MEAN_SERVICE_US
        rho = MEAN_SERVICE_US * self.per_second / 1e6

        def waits_at_most(services):
            """Erlang's form of P(W <= t), t in services."""
            ahead = [rho * (services - number) for number in range(int(services) + 1)]
            return (1 - rho) * sum((-x) ** number / math.factorial(number) * math.exp(x) for number, x in enumerate(ahead))

        low, high = 0.0, 25.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if waits_at_most(middle) < share else (low, middle)
        return (high + 1) * MEAN_SERVICE_US


CASES = {
    "stall": Stall,
    "frozen": Frozen,
    "lognormal": lambda: Seeded(lambda luck: luck.lognormvariate(math.log(20_000), 1)),
    "bimodal": lambda: Seeded(lambda luck: 5_000 if luck.random() < 0.985 else 400_000),
    "pareto": lambda: Seeded(lambda luck: min(10_000 * luck.paretovariate(1.5), 5_000_000)),
    "exponential": Exponential,
    "constant": Constant,
}


def quantile(ordered, share):
    """The value at a rank, as histograms give it."""
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def run(onetrip, responder, case, seconds, arrivals, folder):
    """One run: the report; of every request its intended and sending instants and the server's stamps; and the delays."""
    (folder / "one.toml").write_text(JOURNEY)
    words = ["--stamps", folder / "stamps", *case.words()]
    # More than come, for Poisson arrivals vary.
    delays = case.delays(random.Random(1), round(2 * case.per_second * seconds))
    if delays is not None:
        (folder / "delays").write_text("".join(f"{delay}\n" for delay in delays))
        words += ["--delays", folder / "delays"]
    server = subprocess.Popen([responder, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    url = server.stdout.readline().strip()
    case.await_start()
    is_over = threading.Event()
    driver = threading.Thread(target=case.drive, args=(server, is_over))
    driver.start()
    command = [onetrip, "--json", "load", "run", "--journey", "one.toml", "--target", url, "--arrivals", arrivals]
    command += ["--rate", str(round(case.per_second * 3600)), "--for", f"{seconds} s", "--log", "run.log"]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    is_over.set()
    driver.join()
    server.communicate("")
    if "{" not in answer.stdout:
        sys.exit(answer.stderr)
    report = json.loads(answer.stdout[answer.stdout.index("{") :])
    stamps = {}
    for line in (folder / "stamps").read_text().splitlines():
        path, arrived_at, answered_at = line.split()
        stamps[int(path[1:])] = (int(arrived_at), int(answered_at))
    requests = []
    for line in (folder / "run.log").read_text().splitlines():
        operation = json.loads(line).get("operation")
        if operation:
            patient = operation["patient"]
            intended_at, sent_at, _ = operation["at_us"]
            requests.append((intended_at, sent_at, *stamps[patient], delays[patient] if delays else 0))
    return report, sorted(requests)


def compare(report, requests, case, is_poisson):
    """What is reported of one run beside every truth: `{(quantile, told by): (reported, truth)}`, in µs."""
    # The two clocks run alike; the request that was fastest on its way tells how far apart they are.
    apart_us = min(arrived_at - sent_at for _, sent_at, arrived_at, _, _ in requests)
    by_law = sorted(case.by_law([(intended_at + apart_us, delay) for intended_at, _, _, _, delay in requests]))
    stamped = sorted(answered_at - apart_us - intended_at for intended_at, _, _, answered_at, _ in requests)
    pairs = {}
    for name, share in QUANTILES.items():
        truths = {"law": quantile(by_law, share), "stamps": quantile(stamped, share), "theory": case.by_theory(share, is_poisson)}
        for told_by, truth in truths.items():
            if truth is not None:
                pairs[name, told_by] = (report["response"][name], truth)
    return pairs


def beyond(pair):
    """By how much a reported value is off, as a multiple of what is allowed."""
    reported, truth = pair
    return abs(reported - truth) / max(0.01 * truth, 2000)


def judge(rounds):
    """Prints the figures of all rounds beside every truth; true when they agree: with the stamps in every round, with law and
    theory in the best one. They know nothing of pauses of the machine, which are waits as well and in the stamps; what the report
    itself got wrong would be in every round."""
    agrees = True
    for name in QUANTILES:
        words = []
        for told_by in ("law", "stamps", "theory"):
            pairs = sorted((pairs[name, told_by] for pairs in rounds if (name, told_by) in pairs), key=beyond)
            if not pairs:
                continue
            is_off = beyond(pairs[-1 if told_by == "stamps" else 0]) > 1
            agrees &= not is_off
            offs = " ".join(f"{(reported - truth) / 1e3:+.1f}" for reported, truth in pairs)
            words.append(f"{told_by} {pairs[0][1] / 1e3:.1f}, off {offs}{' OFF' if is_off else ''}")
        reported = " ".join(f"{pairs[name, 'stamps'][0] / 1e3:.1f}" for pairs in rounds)
        print(f"    {name[:-3]:<5}{reported} ms; {'; '.join(words)}")
    return agrees


def main():
    onetrip, responder = sys.argv[1:3]
    numbers = [int(word) for word in sys.argv[3:5] if word.isdigit()]
    count, seconds = numbers + [3, 60][len(numbers) :]
    names = sys.argv[3 + len(numbers) :] or list(CASES)
    unknown = [name for name in names if name not in CASES]
    if unknown or count == 0 or seconds < 10 or seconds % 10:
        sys.exit(f"ROUNDS is at least 1, SECONDS a multiple of ten; cases are {', '.join(CASES)}; read: {' '.join(sys.argv[3:])}")
    failed = []
    for name in names:
        for arrivals in ("uniform", "poisson"):
            print(f"{name}, {arrivals} arrivals:", flush=True)
            rounds = []
            for _ in range(count):
                case = CASES[name]()
                with tempfile.TemporaryDirectory() as folder:
                    report, requests = run(onetrip, responder, case, seconds, arrivals, Path(folder))
                lag, void = report["soundness"]["lag"], report["soundness"]["void"]
                print(f"  {len(requests)} requests, send lag p99 {lag['p99_us']} us, p99.9 {lag['p999_us']} us, void: {void}")
                # The load tester itself says that nothing follows from a run whose sending was late.
                if not void:
                    rounds.append(compare(report, requests, case, arrivals == "poisson"))
            if 2 * len(rounds) < count or not judge(rounds):
                failed.append(f"{name} with {arrivals} arrivals")
    print(f"not within max(1 %, 2 ms): {', '.join(failed)}" if failed else "all within max(1 %, 2 ms)")
    sys.exit(bool(failed))


main()
