"""Judges what bench/load-tail.sh asks of the tail. Not to be called by itself."""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

# A tenth of the time would put the corner of the quantiles, where none has waited yet, exactly at p90.
PERIOD_US, LENGTH_US = 10_000_000, 950_000
PER_SECOND = 100
QUANTILES = {"p50_us": 0.5, "p90_us": 0.9, "p95_us": 0.95, "p99_us": 0.99, "p999_us": 0.999}

JOURNEY = """format = "journey/1"
name = "one"
patience = "300 days"
[[step]]
name = "ask"
action = "other"
path = "/{patient}"
"""


def closed_form(at_us):
    """How long an arrival at this instant of the server's clock waits, if all who waited are answered at once."""
    phase = at_us % PERIOD_US
    return LENGTH_US - phase if phase < LENGTH_US else 0


def quantile(ordered, share):
    """The value at a rank, as histograms give it."""
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def run(onetrip, responder, seconds, arrivals, folder):
    """One run: the report, and of every request its intended and sending instants and the server's stamps."""
    (folder / "one.toml").write_text(JOURNEY)
    stall = f"{PERIOD_US / 1e6},{LENGTH_US / 1e6}"
    command = [responder, "--stall", stall, "--stamps", folder / "stamps"]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    url = server.stdout.readline().strip()
    command = [onetrip, "--json", "load", "run", "--journey", "one.toml", "--target", url, "--arrivals", arrivals]
    command += ["--rate", str(PER_SECOND * 3600), "--for", f"{seconds} s", "--log", "run.log"]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True)
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
            intended_at, sent_at, _ = operation["at_us"]
            requests.append((intended_at, sent_at, *stamps[operation["patient"]]))
    return report, requests


def judge(report, requests, arrivals):
    """Prints the figures beside both truths; true when all agree and the run is sound."""
    # The two clocks run alike; the request that was fastest on its way tells how far apart they are.
    apart_us = min(arrived_at - sent_at for _, sent_at, arrived_at, _ in requests)
    closed = sorted(closed_form(intended_at + apart_us) for intended_at, _, _, _ in requests)
    stamped = sorted(answered_at - apart_us - intended_at for intended_at, _, _, answered_at in requests)
    lag, void = report["soundness"]["lag"], report["soundness"]["void"]
    print(f"{arrivals}: {len(requests)} requests, send lag p99 {lag['p99_us']} us, p99.9 {lag['p999_us']} us, void: {void}")
    agrees = not void
    for name, share in QUANTILES.items():
        reported = report["response"][name]
        words = []
        for told_by, truths in (("closed form", closed), ("server's stamps", stamped)):
            truth = quantile(truths, share)
            off_us, allowed_us = reported - truth, max(0.01 * truth, 2000)
            agrees &= abs(off_us) <= allowed_us
            verdict = "" if abs(off_us) <= allowed_us else " OFF"
            words.append(f"{told_by} {truth / 1e3:7.1f}, off {off_us / 1e3:+5.1f} (allowed {allowed_us / 1e3:.1f}){verdict}")
        print(f"  {name[:-3]:<5}{reported / 1e3:8.1f} ms; {'; '.join(words)}")
    return agrees


def main():
    onetrip, responder, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    agrees = True
    for arrivals in ("uniform", "poisson"):
        with tempfile.TemporaryDirectory() as name:
            agrees &= judge(*run(onetrip, responder, seconds, arrivals, Path(name)), arrivals)
    sys.exit(not agrees)


main()
