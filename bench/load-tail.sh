#!/bin/sh
# Tail truth on real sockets: a server stands still for 0.95 s of every ten and answers at once otherwise. Reported p50 to p99.9
# must be within max(1 %, 2 ms) of the truth, for arrivals at equal distances and for Poisson arrivals. The truth is told twice: by
# the closed form for these very arrivals (of arrivals that are uniform in phase it is L_q = S − (1 − q)·P: p95 450 ms, p99
# 850 ms, p99.9 940 ms), and by the server's own stamps, which say in addition how long it took to answer those who had waited,
# one after the other.
#
#   bench/load-tail.sh PATH-OF-onetrip PATH-OF-responder [SECONDS]
#
# Both of a release build (`cargo build --release -p bench --bin responder`), on an idle machine; a multiple of ten seconds, 120 by
# default, once for either kind of arrivals. Needs python3.
set -eu
onetrip=$(realpath "${1:?usage: load-tail.sh PATH-OF-onetrip PATH-OF-responder [SECONDS]}")
responder=$(realpath "${2:?usage: load-tail.sh PATH-OF-onetrip PATH-OF-responder [SECONDS]}")
exec python3 "$(dirname "$0")/load-tail.py" "$onetrip" "$responder" "${3:-120}"
