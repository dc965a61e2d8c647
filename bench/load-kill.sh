#!/bin/sh
# The nightly crash test: the desk is killed with -9 in the middle of a load, round after round on one database; nothing
# acknowledged may be lost, nothing sold or settled twice, no request left of which nobody knows what came of it.
# Usage: bench/load-kill.sh PATH-OF-onetrip [ROUNDS] [sqlite|postgres]   (postgres: on a server of the script's own)
set -eu
. "$(dirname "$0")/../tests/servers/ground.sh"
rounds=${2:-20}
port=${PORT:-18080}
case ${3:-sqlite} in
sqlite) database="$folder/desk.sqlite" ;;
postgres) serve_postgres "${DATABASE_PORT:-55433}" ;;
*) fail "the database is \`$3\`; accepted: sqlite, postgres" ;;
esac
others=$servers
start_desk() {
    : >"$folder/address"
    "$onetrip" desk --database "$database" --listen "127.0.0.1:$port" >"$folder/address" 2>"$folder/desk.log" &
    desk=$!
    servers="$others $desk"
    until [ -s "$folder/address" ]; do
        kill -0 "$desk" || { cat "$folder/desk.log" >&2; fail "the desk did not start"; }
        sleep 0.1
    done
}
start_desk
round=1
while [ "$round" -le "$rounds" ]; do
    "$onetrip" load run --journey desk --target "http://127.0.0.1:$port" --rate 4800 --for 2min --speed 60 --rng-seed "$round" \
        --journey-set retries=9 --journey-set 'patience="10 min"' --lag-bound 1min --require 'violations = 0' \
        --log "$folder/run.log" >"$folder/report" &
    load=$!
    sleep 2
    kill -9 "$desk"
    wait "$desk" 2>/dev/null || true
    start_desk
    if ! wait "$load"; then
        cat "$folder/report"
        fail "round $round"
    fi
    # Every key must have got a definite answer, on whichever attempt.
    python3 - "$round" "$folder/run.log" <<'PYTHON' || fail "round $round: not every outcome is known"
import json, sys
known, lost = {}, 0
for line in open(sys.argv[2]):
    operation = json.loads(line).get("operation")
    # Registering at the counter is no write that a property is about; whoever goes home meanwhile leaves it.
    if operation and "key" in operation and operation["action"] != "other":
        definite = "ok" in operation["outcome"] or "refused" in operation["outcome"]
        lost += not definite
        known[operation["key"]] = known.get(operation["key"], False) or definite
open_count = sum(not one for one in known.values())
print(f"round {sys.argv[1]}: intact; {len(known)} keys, {lost} attempts without an answer, {open_count} of them unresolved")
sys.exit(open_count > 0)
PYTHON
    round=$((round + 1))
done
