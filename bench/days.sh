#!/bin/sh
# Times hospital days, regions and a comparison through the command a user types, and prints two tables: processor time an
# event, and memory by the number of visits. Needs python3 and GNU time.
#
#   bench/days.sh [ROUNDS [country]]        default 3; `country` also runs the day of 26 million visits
set -eu
cd "$(dirname "$0")/.."
cargo build --release --quiet -p onetrip
exec python3 bench/days.py "${CARGO_TARGET_DIR:-target}/release/onetrip" "$@"
