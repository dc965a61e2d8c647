#!/bin/sh
# What a request costs the load generator, beside other generators and in turn with them: writes the tables of
# bench/load-README.md and the raw figures under bench/results/. Needs python3. Without building, two minutes and five minutes
# a round.
#
#   bench/load-cost.sh [ROUNDS]        default 3
#
# The peers are those that are installed: wrk, hey, h2load (Debian: wrk hey nghttp2-client), oha (`cargo install --locked oha`) and
# wrk2, which no registry has (built from its source: `make`, then `wrk` installed as `wrk2`). Everything goes over the loopback
# interface to a server of our own that answers every request alike. Lateness is measured a second time under `chrt --fifo 1`
# where that is allowed (to root): without the other programs of the machine, that is, but with its hypervisor.
set -eu
cd "$(dirname "$0")/.."
cargo build --release --quiet -p onetrip -p bench --bin onetrip --bin responder
exec python3 bench/load-cost.py "$(realpath "${CARGO_TARGET_DIR:-target}")/release" "${1:-3}"
