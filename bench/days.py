"""Measures what bench/days.sh has built. Not to be called by itself."""

import json
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time

DAY = "hangzhou-2018-12"
PAIRS = ["compare", DAY, "--base-set", "demand.visits_per_day=10000", "--set", "demand.visits_per_day=10000",
         "--set", "registration.kiosks.count=40", "--replications"]


def measure(command):
    """What the program prints, processor time of the whole process, time on the wall and peak memory."""
    measured = ["/usr/bin/time", "--format=%U %S %e %M"] + command
    finished = subprocess.run(measured, capture_output=True, text=True, check=True)
    user, system, wall, peak = finished.stderr.strip().splitlines()[-1].split()
    return json.loads(finished.stdout), float(user) + float(system), float(wall), int(peak) / 1024


def events_of(document):
    """Events of a result, of all sides where it is a comparison."""
    return document["event_count"] if "event_count" in document else document["run"]["events"]


def first_line(command):
    """Seconds until the first line stands on a terminal."""
    leader, follower = pty.openpty()
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=follower)
    os.close(follower)
    os.read(leader, 1)
    seconds = time.perf_counter() - began
    process.terminate()
    process.wait()
    os.close(leader)
    return seconds


def row(name, runs, events):
    """The medians of some rounds as a line of the first table."""
    median = lambda place: statistics.median(run[place] for run in runs)
    cost = f"{median(1) * 1e9 / events:,.0f}" if events else ""
    return f"| {name} | {events or 0:,} | {cost} | {median(1):.2f} | {median(2):.2f} | {median(3):.0f} |"


def main():
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    runs = [(f"`run {DAY} --replications 100`, {threads} thread{'s'[:threads - 1]}",
             ["run", DAY, "--replications", "100", "--threads", str(threads)]) for threads in (1, 2)]
    runs += [(f"`run {region}`, {threads} thread{'s'[:threads - 1]}", ["run", region, "--threads", str(threads)])
             for region in ("hangzhou-city", "zhejiang-day") for threads in (1, 2)]
    if "country" in sys.argv[3:]:
        runs.append(("`run china-day`, 2 threads", ["run", "china-day", "--threads", "2"]))
    print("| what | events | CPU ns/event | CPU s | wall s | peak MiB |\n|---|---:|---:|---:|---:|---:|")
    for name, words in runs:
        results = [measure([program, *words, "--json"]) for _ in range(rounds)]
        print(row(name, results, events_of(results[0][0])), flush=True)
    pairs = [program, *PAIRS, "1000", "--threads", "2"]
    results = [measure([*pairs, "--json"]) for _ in range(rounds)]
    print(row("1,000 pairs of a day of 10,000 visits, 2 threads", results, events_of(results[0][0])))
    seconds = statistics.median(first_line(pairs) for _ in range(rounds))
    print(f"\nFirst interval of these pairs on a terminal: {seconds:.2f} s.\n")
    print("| visits | peak MiB of `run` | with `--event-log` |\n|---:|---:|---:|")
    for replications in (10, 100):
        words = [program, "run", DAY, "--replications", str(replications), "--threads", "1", "--json"]
        plain = measure(words)
        with tempfile.TemporaryDirectory() as folder:
            log = os.path.join(folder, "log.csv")
            logged = measure([*words[:4], "1", "--days", str(replications), *words[5:], "--event-log", log])
        visits = plain[0]["accounting"]["arrived"]
        print(f"| {visits:,} | {plain[3]:.0f} | {logged[3]:.0f} |", flush=True)


if __name__ == "__main__":
    main()
