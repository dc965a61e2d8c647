#!/bin/sh
# Each mistake that the reference desk can be told to make, end to end: a desk started with it, a load of some seconds, and the
# property (or, for a slow desk, the figure) by which the report must name it. Ends with 1 if one is missed.
# Usage: bench/load-faults.sh PATH-OF-onetrip
set -eu
onetrip=${1:?usage: load-faults.sh PATH-OF-onetrip}
folder=$(mktemp -d)
desk=
trap '[ -z "$desk" ] || kill "$desk" 2>/dev/null || true; rm -rf "$folder"' EXIT
missed=0
# try FAULT EXPECTED [--journey-set …]
try() {
    fault=$1
    expected=$2
    shift 2
    : >"$folder/address"
    "$onetrip" desk --database "$folder/$expected.sqlite" --listen 127.0.0.1:0 ${fault:+--fault "$fault"} >"$folder/address" 2>"$folder/said" &
    desk=$!
    until [ -s "$folder/address" ]; do sleep 0.1; done
    # A visit of minutes takes about a second; few slots and short pauses, so that patients meet.
    "$onetrip" --json load run --journey desk --target "$(cat "$folder/address")" --rate 2160 --for 200s --speed 100 \
        --rng-seed 7 --lag-bound 1min --log "$folder/run.log" --journey-set 'retry_pause="50 ms"' \
        --journey-set prepare.slots.repeat=40 "$@" >"$folder/run.json" 2>>"$folder/said" || true
    kill "$desk"
    wait "$desk" 2>/dev/null || true
    desk=
    python3 - "${fault:-none}" "$expected" "$folder/run.json" <<'PYTHON' || missed=1
import json, sys

fault, expected, path = sys.argv[1:]
run = json.load(open(path))
findings = {finding["property"]: finding for finding in run["verdict"]["findings"]}
violated = [name for name, finding in findings.items() if finding["violation_count"] > 0]
locks = next(step for step in run["steps"] if step["name"] == "lock")
is_caught = {
    "clean": not violated,
    "a-stall": bool(run["stalls"]),
    "slow-writes": locks["service"]["p50_us"] >= 79_000,
}.get(expected, expected in violated)
print("%-34s %-22s %s  (violated: %s)" % (fault, expected, "seen" if is_caught else "MISSED", ", ".join(violated) or "nothing"))
sys.exit(not is_caught)
PYTHON
}
try '' clean
try check-then-act:window=60ms slot-capacity
try no-idempotency same-key-same-answer --journey-set 'values.slot_capacity="4"' --journey-set 'step.lock.double_tap="40 %"'
try lost-acknowledgement:every=25 acknowledged-kept
try double-settlement one-success-reply --journey-set 'step.pay.again="40 %"'
try illegal-move legal-moves --journey-set 'step.no-show.share="50 %"'
try stale-read:age=2s current-reads
try late-expiry slot-order --journey-set 'hold_time="300 ms"' --journey-set 'values.hold_time_ms="300"' \
    --journey-set 'expiry_slack="100 ms"' --journey-set 'step.pay.dawdle={share="60 %", time="90 s"}' \
    --journey-set prepare.slots.repeat=15
try stall:period=1500ms,length=500ms a-stall
try slow-disk:time=80ms slow-writes
exit "$missed"
