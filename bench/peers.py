"""Measures what bench/peers.sh has built, and writes bench/README.md's tables. Not to be called by itself."""

import datetime
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tables import processor, write_tables

BEGIN, END = "<!-- tables by bench/peers.sh -->", "<!-- end of tables -->"
HERE = Path(__file__).parent


def engines(target):
    """(name, model, command), the yardstick and ours first; sizes such that a run takes some seconds at most."""
    work = target / "peers"
    laps, command = target / "release/laps", target / "release/onetrip"
    sol, simu = work / "sol/release/sol", work / "simu-des/release/peer-simu-des"
    python, peers = work / "python/bin/python", HERE / "peers"
    return [
        ("yardstick", "model-b", [sol, "b", "--list", "fast8", "--sampler", "batch", "--reps", "100"]),
        ("yardstick", "model-a", [sol, "a", "--list", "4ary"]),
        ("onetrip", "model-b", [laps, "model-b", "100"]),
        ("onetrip", "model-a", [laps, "model-a", "1"]),
        ("onetrip run", "model-b", [command, "run", "model-b", "--replications", "100", "--threads", "1", "--json"]),
        ("onetrip run", "model-a", [command, "run", "model-a", "--replications", "1", "--threads", "1", "--json"]),
        ("simu-des 0.1", "model-b", [simu, "b", "30"]),
        ("simu-des 0.1", "model-a", [simu, "a", "1000000"]),
        ("SimPy 4.1", "model-b", [python, peers / "simpy_clinic.py", "b", "5"]),
        ("SimPy 4.1", "model-a", [python, peers / "simpy_clinic.py", "a", "100000"]),
        ("Ciw 3.2", "model-b", [python, peers / "ciw_clinic.py", "b", "1"]),
        ("Ciw 3.2", "model-a", [python, peers / "ciw_clinic.py", "a", "50000"]),
    ]


def measure(command):
    """The program's own line, with processor time of the whole process and peak memory beside it."""
    # GNU time starts the program from a small process; started from here, its peak would not be below Python's own.
    measured = ["/usr/bin/time", "--format=%U %S %M"] + [str(word) for word in command]
    finished = subprocess.run(measured, capture_output=True, text=True)
    if finished.returncode != 0:
        return None
    output = finished.stdout
    user, system, peak = finished.stderr.strip().splitlines()[-1].split()
    line = output.strip().splitlines()[-1] if output.strip() else ""
    try:
        figures = json.loads(line)
    except json.JSONDecodeError:
        figures = {}
    if "cpu_s" not in figures:
        figures = {}
    figures["process_cpu_s"] = float(user) + float(system)
    figures["peak_mib"] = int(peak) / 1024
    return figures


def start_up(command):
    """Least time on the wall from starting the program to the end of the smallest run, in ms."""
    times = []
    for _ in range(10):
        began = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return min(times) * 1000


def run_rounds(target, rounds):
    rows, sizes = [], {}
    found = [(name, model, command) for name, model, command in engines(target) if command[0].exists()]
    for round_number in range(rounds):
        for name, model, command in found:
            figures = measure(command)
            if figures is None or (name == "onetrip run" and model not in sizes):
                print(f"left out in round {round_number + 1}: {name} {model} (it fails)", file=sys.stderr)
                continue
            if name == "onetrip":
                sizes[model] = (figures["events"], figures["patients"])
            if name == "onetrip run":
                # The same runs as the row above it; start-up and report are part of what is measured.
                figures["events"], figures["patients"] = sizes[model]
                figures["cpu_s"] = figures["process_cpu_s"]
            if not {"cpu_s", "events", "patients"} <= figures.keys():
                print(f"left out in round {round_number + 1}: {name} {model} (it says no figures)", file=sys.stderr)
                continue
            figures.update(round=round_number, engine=name, model=model,
                           ns_per_event=figures["cpu_s"] * 1e9 / figures["events"])
            figures.pop("stats", None)
            rows.append(figures)
            print(f"{name:13} {model} {figures['ns_per_event']:10.1f} ns an event", file=sys.stderr)
    return rows


def ratio(rows, name, other, model):
    """Median over the rounds of the ratio within a round, when both ran."""
    of = lambda who: {row["round"]: row["ns_per_event"] for row in rows if (row["engine"], row["model"]) == (who, model)}
    ours, theirs = of(name), of(other)
    shared = [ours[number] / theirs[number] for number in ours if number in theirs]
    return statistics.median(shared) if shared else None


def table(rows, model):
    names = list(dict.fromkeys(row["engine"] for row in rows if row["model"] == model))
    show = lambda value: "" if value is None else f"{value:.2f}" if value < 10 else f"{value:,.0f}"
    lines = ["| engine | CPU ns/event | events/s | patients/s | times faster than SimPy | ratio to the yardstick "
             "| peak MiB |", "|---|---:|---:|---:|---:|---:|---:|"]
    for name in names:
        own = [row for row in rows if (row["engine"], row["model"]) == (name, model)]
        nanos = statistics.median(row["ns_per_event"] for row in own)
        per_event = own[0]["patients"] / own[0]["events"]
        memory = statistics.median(row["peak_mib"] for row in own)
        lines.append(f"| {name} | {nanos:,.1f} | {1e9 / nanos:,.0f} | {1e9 / nanos * per_event:,.0f} "
                     f"| {show(ratio(rows, 'SimPy 4.1', name, model))} | {show(ratio(rows, name, 'yardstick', model))} "
                     f"| {memory:.0f} |")
    return "\n".join(lines)


def main():
    target, rounds = Path(sys.argv[1]), int(sys.argv[2])
    rows = run_rounds(target, rounds)
    today = datetime.date.today().isoformat()
    command = target / "release/onetrip"
    busy = os.getloadavg()[0]
    text = [f"{today}, {processor()}, load {busy:.1f}; medians of {rounds} rounds, ratios taken within a "
            "round.", "", "**Model B** (an outpatient day, 4.07 events a patient):", "", table(rows, "model-b"), "",
            "**Model A** (M/M/10 at 90 %):", "", table(rows, "model-a")]
    if command.exists():
        small = [command, "run", "model-a", "--set", "arrivals.customers.at_most=1", "--threads", "1", "--json"]
        text += ["", f"`onetrip run` of a single customer, from start to end: {start_up(small):.0f} ms."]
    print("\n".join(text))
    (HERE / "results").mkdir(exist_ok=True)
    with open(HERE / "results" / f"{today}.jsonl", "w") as results:
        results.writelines(json.dumps(row) + "\n" for row in rows)
    write_tables(HERE / "README.md", BEGIN, END, text)


main()
