#!/bin/sh
# Runs both benchmarks and writes the table of parts and whole runs in bench/README.md. Two to four minutes once it is built.
# Needs python3.
#
#   bench/benches.sh [SECONDS]        the most a figure may take, default 3
set -eu
cd "$(dirname "$0")/.."
cargo bench --quiet -p bench --bench parts --bench whole --no-run
for bench in parts whole; do
    cargo bench --quiet -p bench --bench "$bench" -- --color never --max-time "${1:-3}"
done | python3 bench/benches.py
