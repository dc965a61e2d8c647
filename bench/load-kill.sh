#!/bin/sh
# The nightly crash test: the desk is killed with -9 in the middle of a load, round after round on one database; nothing
# acknowledged may be lost, nothing sold or settled twice.
# Usage: bench/load-kill.sh PATH-OF-onetrip [ROUNDS]
set -eu
onetrip=${1:?usage: load-kill.sh PATH-OF-onetrip [ROUNDS]}
rounds=${2:-20}
port=${PORT:-18080}
folder=$(mktemp -d)
desk=
trap '[ -z "$desk" ] || kill -9 "$desk" 2>/dev/null || true; rm -rf "$folder"' EXIT
serve() {
    "$onetrip" desk --database "$folder/desk.sqlite" --listen "127.0.0.1:$port" >"$folder/address" &
    desk=$!
    until [ -s "$folder/address" ]; do sleep 0.1; done
}
serve
round=1
while [ "$round" -le "$rounds" ]; do
    "$onetrip" load run --journey desk --target "http://127.0.0.1:$port" --rate 72000 --for 8s --speed 4 --rng-seed "$round" \
        --journey-set retries=9 --journey-set 'patience="10 min"' --lag-bound 1min --require 'violations = 0' \
        --log "$folder/run.log" >"$folder/report" &
    load=$!
    sleep 2
    kill -9 "$desk"
    : >"$folder/address"
    serve
    if ! wait "$load"; then
        cat "$folder/report"
        echo "round $round FAILED" >&2
        exit 1
    fi
    echo "round $round: intact"
    round=$((round + 1))
done
