#!/bin/sh
# Runs the two reference models in this engine and in others, side by side and in turn, and writes the tables of
# bench/README.md and the raw figures under bench/results/. Needs python3 and GNU time.
#
#   bench/peers.sh [ROUNDS]        default 5
#
# Engines that are not installed are prepared where that is possible (SimPy and Ciw in an environment of their own,
# simu-des with cargo), and left out with a word where it is not. The hand-tuned yardstick is taken from
# ../shared/peers/sol when that is there.
set -eu
cd "$(dirname "$0")/.."
target=$(realpath "${CARGO_TARGET_DIR:-target}")
work="$target/peers"
mkdir -p "$work"

cargo build --release --quiet -p bench --bin laps
cargo build --release --quiet -p onetrip || echo "left out: the command line does not build" >&2

if ! "$work/python/bin/python" -c 'import simpy, ciw' 2>/dev/null; then
    { python3 -m venv "$work/python" && "$work/python/bin/pip" install --quiet -r bench/peers/requirements.txt; } ||
        echo "left out: SimPy and Ciw (no Python environment)" >&2
fi
cargo build --release --quiet --manifest-path bench/peers/simu-des/Cargo.toml --target-dir "$work/simu-des" ||
    echo "left out: simu-des (does not build)" >&2
if [ -d ../shared/peers/sol ]; then
    cargo build --release --quiet --manifest-path ../shared/peers/sol/Cargo.toml --target-dir "$work/sol" ||
        echo "left out: the yardstick (does not build)" >&2
else
    echo "left out: the yardstick (../shared/peers/sol is not there)" >&2
fi
exec python3 bench/peers.py "$target" "${1:-5}"
