#!/bin/sh
# Instructions, simulated branch misses and first-level cache misses per event of a fixed binary: the difference of a
# longer and a shorter run, so that reading the file and reporting do not count. Needs valgrind; stable to about 1 %.
#
#   bench/instructions.sh [SCENARIO [SHORT LONG]]      default: model-b 4 12
set -eu
cd "$(dirname "$0")/.."
scenario=${1:-model-b} short=${2:-4} long=${3:-12}
cargo build --release --quiet -p bench --bin laps
laps=${CARGO_TARGET_DIR:-target}/release/laps
measure() {
    valgrind --tool=cachegrind --cache-sim=yes --branch-sim=yes --cachegrind-out-file=/dev/null \
        "$laps" "$scenario" "$1" 2>&1 | tr -d , | awk '
        /"events"/ || /events/ && /engine/ { match($0, /"events":[0-9]+/); events = substr($0, RSTART + 9, RLENGTH - 9) }
        /I +refs/ { instructions = $4 }
        /D1 +misses/ { misses = $4 }
        /Mispredicts/ { branches = $3 }
        END { print events, instructions, branches, misses }'
}
{ measure "$short"; measure "$long"; } | awk '
    NR == 1 { for (i = 1; i <= 4; i++) first[i] = $i }
    NR == 2 {
        events = $1 - first[1]
        printf "%d events: %.1f instructions, %.2f branch misses, %.2f cache misses an event\n",
            events, ($2 - first[2]) / events, ($3 - first[3]) / events, ($4 - first[4]) / events
    }'
