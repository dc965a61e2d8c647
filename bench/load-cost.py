"""Measures what bench/load-cost.sh has built, and writes bench/load-README.md's tables. Not to be called by itself."""

import datetime
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tables import processor, write_tables

BEGIN, END = "<!-- tables by bench/load-cost.sh -->", "<!-- end of tables -->"
HERE = Path(__file__).parent
GOES_FIRST = ", `chrt --fifo 1`"
LAG_QUANTILES = {"p50_us": 0.5, "p99_us": 0.99, "p999_us": 0.999, "max_us": 1.0}

# Three requests a patient: one that reads, one that books with a key, one that pays with a key; every answer is checked.
JOURNEY = """format = "journey/1"
name = "cost"
about = "Looks at a slot, books it, pays."
patience = "300 days"
timeout = "2 min"
[headers]
content-type = "application/json"
[[step]]
name = "look"
path = "/slots/{patient}"
action = "read-slot"
slot = "s{patient}"
sees = [{ kind = "slot", id = "s{patient}", state = "/status" }]
[[step]]
name = "book"
own_time = "300 ms"
method = "POST"
path = "/slots/{patient}/appointments"
headers = { idempotency-key = "{key}" }
body = '{"patient":"{patient}","slot":"s{patient}"}'
action = "book"
slot = "s{patient}"
appointment = "a{patient}"
capture = { told = "/status" }
[[step]]
name = "pay"
own_time = "300 ms"
method = "POST"
path = "/payments"
headers = { idempotency-key = "{key}" }
body = '{"appointment":"a{patient}","amount_cents":2500}'
action = "pay"
invoice = "i{patient}"
payment = "p{patient}"
amount = "2500"
"""

ONE_STEP = """format = "journey/1"
name = "one"
patience = "300 days"
timeout = "5 min"
[[step]]
name = "ask"
action = "other"
path = "/{patient}"
"""


class Responder:
    """The server under test: its address, and afterwards how many requests it counted."""

    def __init__(self, programs, *words):
        command = [str(programs / "responder"), *words]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def count(self):
        rest, _ = self.process.communicate("")
        return int(rest)


def run(command, folder):
    """Runs a program; gives its processor time, its peak memory and what it wrote."""
    with open(folder / "out", "w+") as out:
        process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=subprocess.STDOUT, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        out.seek(0)
        text = out.read()
    return {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / 1024,
        "exit": os.waitstatus_to_exitcode(status),
        "text": text,
    }


def ours(programs, url, journey, per_second, seconds, *words):
    """`onetrip load run` of patients with so many requests a second in all, and its report."""
    requests = 3 if journey == "cost.toml" else 1
    rate = per_second * 3600 / requests
    command = [programs / "onetrip", "--json", "load", "run", "--journey", journey, "--target", url]
    return [*command, "--rate", rate, "--for", f"{seconds} s", "--log", "run.log", *words]


def report_of(figures):
    """The report within the output; what the program remarked stands before it."""
    text = figures.pop("text")
    return json.loads(text[text.index("{") :])


def paced(programs, url, per_second, seconds):
    """Generators that keep to a rate: (name, command)."""
    a_client = per_second // 20
    commands = [
        ("onetrip load", ours(programs, url, "cost.toml", per_second, seconds)),
        ("wrk2", ["wrk2", "-t1", "-c20", f"-d{seconds}s", f"-R{per_second}", f"{url}/x"]),
        ("h2load", ["h2load", "--h1", "-c20", "-t1", "--rps", a_client, "-D", seconds, f"{url}/x"]),
        ("hey", ["hey", "-z", f"{seconds}s", "-q", a_client, "-c", 20, f"{url}/x"]),
        (
            "oha",
            ["oha", "--no-tui", "-z", f"{seconds}s", "-q", per_second, "-c", 20, "--latency-correction", f"{url}/x"],
        ),
    ]
    return installed(commands)


def unpaced(programs, url, seconds):
    """As fast as they can on one thread; ours at a rate that one thread can just keep."""
    commands = [
        ("onetrip load", ours(programs, url, "cost.toml", 20_000, seconds, "--lag-bound", "10 min")),
        ("wrk", ["wrk", "-t1", "-c50", f"-d{seconds}s", f"{url}/x"]),
        ("h2load", ["h2load", "--h1", "-c50", "-t1", "-D", seconds, f"{url}/x"]),
        ("hey", ["hey", "-z", f"{seconds}s", "-c", 50, "-cpus", 1, f"{url}/x"]),
    ]
    return installed(commands)


def installed(commands):
    return [(name, command) for name, command in commands if name == "onetrip load" or shutil.which(command[0])]


class Machine:
    """How busy others kept the machine while something ran here."""

    def __init__(self):
        self.began_at, self.busy_s, self.own_s = time.monotonic(), self.busy(), self.own()

    @staticmethod
    def busy():
        user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
        return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def own():
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    def others_share(self):
        """The part of all processors' time that went to programs not started from here."""
        spent_s = (self.busy() - self.busy_s) - (self.own() - self.own_s)
        return max(spent_s, 0) / ((time.monotonic() - self.began_at) * os.cpu_count())


def measured(programs, folder, name, command_of):
    """One generator against a fresh server: what it cost for each request that the server counted."""
    responder = Responder(programs)
    command = dict(command_of(responder.url))[name]
    figures = run(command, folder)
    count = responder.count()
    result = {"generator": name, "requests": count, "cpu_us": figures["cpu_s"] * 1e6 / max(count, 1)}
    if name == "onetrip load":
        lag = report_of(figures)["soundness"]["lag"]
        result |= {"lag_p50_us": lag["p50_us"], "lag_p99_us": lag["p99_us"], "lag_p999_us": lag["p999_us"]}
    return result


def may_go_first():
    """Whether this process may put programs before all others, as `chrt --fifo 1` does."""
    return shutil.which("chrt") and subprocess.run(["chrt", "--fifo", "1", "true"], capture_output=True).returncode == 0


def bare_lag(per_second, seconds, goes_first):
    """How late a program wakes that does nothing but sleep until Poisson instants: what the machine gives at best."""
    luck, lags = random.Random(1), []
    if goes_first:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    at_ns = time.monotonic_ns()
    end_ns = at_ns + seconds * 1_000_000_000
    while at_ns < end_ns:
        at_ns += int(luck.expovariate(per_second) * 1e9)
        left_ns = at_ns - time.monotonic_ns()
        if left_ns > 0:
            time.sleep(left_ns / 1e9)
        lags.append(max(time.monotonic_ns() - at_ns, 0) / 1e3)
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    lags.sort()
    at = {name: lags[min(int(share * len(lags)), len(lags) - 1)] for name, share in LAG_QUANTILES.items()}
    return {"sender": f"a loop that sleeps{GOES_FIRST if goes_first else ''}", **at}


def lag(programs, folder, goes_first):
    """How late requests are sent at 2,000/s."""
    responder = Responder(programs)
    command = ours(programs, responder.url, "cost.toml", 2_000, 20)
    figures = run([*(["chrt", "--fifo", "1"] if goes_first else []), *command], folder)
    responder.count()
    lag = report_of(figures)["soundness"]["lag"]
    sender = f"onetrip load{GOES_FIRST if goes_first else ''}"
    return {"sender": sender, **{name: lag[name] for name in LAG_QUANTILES}}


def crowd(programs, folder, http2, per_second, seconds, hold):
    """Memory with many requests in flight: the server holds every answer back until all have come."""
    responder = Responder(programs, "--hold", str(hold), *(["--http2"] if http2 else []))
    words = ["--lag-bound", "10 min", *(["--http2"] if http2 else [])]
    figures = run(ours(programs, responder.url, "one.toml", per_second, seconds, *words), folder)
    responder.count()
    report = report_of(figures)
    in_flight = report["soundness"]["in_flight_most"]
    return {
        "wire": "HTTP/2" if http2 else "HTTP/1.1",
        "in_flight": in_flight,
        "peak_mib": figures["peak_mib"],
        "kib_each": figures["peak_mib"] * 1024 / max(in_flight, 1),
        "errors": report["error_count"],
    }


def medians(rounds, at):
    """Rows of a table: a generator with its median cost, cheapest first."""
    names = list(dict.fromkeys(row["generator"] for row in rounds if row["at"] == at))
    rows = []
    for name in names:
        own = [row for row in rounds if row["at"] == at and row["generator"] == name]
        median = {key: statistics.median(row[key] for row in own) for key in own[0] if key not in ("generator", "at")}
        rows.append((name, median))
    return sorted(rows, key=lambda row: row[1]["cpu_us"])


def tables(rounds, lags, crowds, round_count, others_share):
    when = datetime.date.today().isoformat()
    lines = [
        f"{when}, {os.cpu_count()} × {processor()}; others took {others_share:.0%} of the processors' time meanwhile; medians of "
        f"{round_count} rounds in turn.",
        "",
    ]
    lines += ["| at 1,000 requests/s | requests | CPU µs a request |", "|---|---:|---:|"]
    lines += [f"| {name} | {row['requests']:,.0f} | {row['cpu_us']:.1f} |" for name, row in medians(rounds, "1,000/s")]
    lines += ["", "| as fast as one thread goes | requests | CPU µs a request | requests a CPU second |"]
    lines += ["|---|---:|---:|---:|"]
    for name, row in medians(rounds, "most"):
        lines.append(f"| {name} | {row['requests']:,.0f} | {row['cpu_us']:.1f} | {1e6 / row['cpu_us']:,.0f} |")
    lines += ["", "| late at 2,000 requests/s | p50 | p99 | p99.9 | longest |", "|---|---:|---:|---:|---:|"]
    for sender in dict.fromkeys(lag["sender"] for lag in lags):
        own = [lag for lag in lags if lag["sender"] == sender]
        medians_us = [statistics.median(lag[name] for lag in own) for name in LAG_QUANTILES]
        lines.append(f"| {sender} | " + " | ".join(f"{us / 1e3:.2f} ms" for us in medians_us) + " |")
    lines += ["", "| in flight at once | over | peak MiB | KiB each | without an answer |", "|---:|---|---:|---:|---:|"]
    for row in crowds:
        figures = f"{row['peak_mib']:.0f} | {row['kib_each']:.1f} | {row['errors']:,}"
        lines.append(f"| {row['in_flight']:,} | {row['wire']} | {figures} |")
    return lines


def main():
    programs, round_count = Path(sys.argv[1]), int(sys.argv[2])
    rounds, lags, machine = [], [], Machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cost.toml").write_text(JOURNEY)
        (folder / "one.toml").write_text(ONE_STEP)
        kinds = [
            ("1,000/s", lambda url: paced(programs, url, 1_000, 30)),
            ("most", lambda url: unpaced(programs, url, 5)),
        ]
        for number in range(round_count):
            for at, command_of in kinds:
                for generator, _ in command_of(""):
                    row = {"at": at, **measured(programs, folder, generator, command_of)}
                    rounds.append(row)
                    print(f"round {number + 1}, {at}: {generator} {row['cpu_us']:.1f} µs a request", file=sys.stderr)
            for goes_first in [False, True] if may_go_first() else [False]:
                lags += [bare_lag(2_000, 20, goes_first), lag(programs, folder, goes_first)]
                told = f"{lags[-1]['sender']} p99.9 {lags[-1]['p999_us'] / 1e3:.2f} ms late"
                print(f"round {number + 1}, 2,000/s: {told}", file=sys.stderr)
        crowds = [crowd(programs, folder, True, 10_000, 10, 15), crowd(programs, folder, False, 1_500, 10, 15)]
    lines = tables(rounds, lags, crowds, round_count, machine.others_share())
    write_tables(HERE / "load-README.md", BEGIN, END, lines)
    results = HERE / "results" / f"load-{datetime.date.today().isoformat()}.jsonl"
    results.parent.mkdir(exist_ok=True)
    with open(results, "w") as file:
        for row in [*rounds, *({"at": "2,000/s", **row} for row in lags), *crowds]:
            print(json.dumps(row), file=file)
    print("\n".join(lines))


main()
