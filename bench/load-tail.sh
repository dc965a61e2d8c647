#!/bin/sh
# Tail truth on real sockets: the reference desk stands still for the first second of every ten; of uniform arrivals the
# closed form L_q = S − (1 − q)·P gives p95 500 ms, p99 900 ms, p99.9 990 ms. Reported must be within max(1 %, 2 ms) of it
# plus what one undisturbed request takes (p50).
# Usage: bench/load-tail.sh PATH-OF-onetrip [SECONDS]     (a release build on an idle machine; a multiple of ten seconds)
set -eu
onetrip=${1:?usage: load-tail.sh PATH-OF-onetrip [SECONDS]}
seconds=${2:-60}
folder=$(mktemp -d)
desk=
trap '[ -z "$desk" ] || kill "$desk" 2>/dev/null || true; rm -rf "$folder"' EXIT
"$onetrip" desk --database "$folder/desk.sqlite" --listen 127.0.0.1:0 --fault stall:period=10s,length=1s >"$folder/address" &
desk=$!
until [ -s "$folder/address" ]; do sleep 0.1; done
cat >"$folder/one.toml" <<'TOML'
format = "journey/1"
name = "one"
patience = "300 days"
[[step]]
name = "ask"
action = "other"
path = "/api/schedules?limit=1"
TOML
"$onetrip" --json load run --journey "$folder/one.toml" --target "$(cat "$folder/address")" --rate 720000 \
    --for "$seconds s" --log "$folder/run.log" >"$folder/run.json" || true
python3 - "$folder/run.json" <<'PYTHON'
import json, sys
run = json.load(open(sys.argv[1]))
response = run["response"]
print("send lag p99 %d us, p99.9 %d us, void: %s" % (run["soundness"]["lag"]["p99_us"], run["soundness"]["lag"]["p999_us"], run["soundness"]["void"]))
failed = bool(run["soundness"]["void"])
for name, quantile in (("p95", 0.95), ("p99", 0.99), ("p999", 0.999)):
    truth = 1e6 - (1 - quantile) * 10e6
    # Arrivals are Poisson: the interval of the order statistic at 95 %.
    count = response["count"]
    spread = 1.96 * (quantile * (1 - quantile) / count) ** 0.5 * 10e6
    allowed = max(0.01 * truth, 2000) + response["p50_us"] + spread
    off = response[name + "_us"] - truth
    print("%-5s %8.1f ms, truth %6.1f ms, off %+6.1f ms (allowed %.1f)" % (name, response[name + "_us"] / 1e3, truth / 1e3, off / 1e3, allowed / 1e3))
    failed |= abs(off) > allowed
sys.exit(failed)
PYTHON
