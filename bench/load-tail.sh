#!/bin/sh
# Tail truth on real sockets: what is reported of servers whose delays are known. Reported p50 to p99.9 must be within
# max(1 %, 2 ms) of the truth, for arrivals at equal distances and for Poisson arrivals, in seven cases:
#
#   stall      stands still for 0.8 s of every ten and answers at once otherwise
#   frozen     one worker of 2 ms a request; its whole process is stopped (SIGSTOP) for 0.7 s of every ten
#   lognormal, bimodal, pareto
#              every request has its own delay from a seeded list
#   exponential, constant
#              one worker, half a millisecond a request in the mean, half the time busy: M/M/1 and M/D/1 (with equal distances D/M/1
#              and D/D/1)
#
# The truth is told by the law, worked out for these very arrivals; by the server's own stamps, which say in addition how long
# it took to answer those who had waited, one after the other; and by theory (a quantile of the limit), where so many arrivals
# as are sent come near it.
#
# A pause of the machine on which both run is a wait that the stamps show and that law and theory know nothing of. So every case
# runs in rounds: with the stamps the report must agree in each of them, with law and theory in one; what the report itself got
# wrong would be in all.
#
#   bench/load-tail.sh PATH-OF-onetrip PATH-OF-responder [ROUNDS [SECONDS]] [CASE…]
#
# Both of a release build (`cargo build --release -p bench --bin responder`), on an idle machine. By default three rounds of 60 seconds (a
# multiple of ten) for every case and both kinds of arrivals, three quarters of an hour; with cases named, for those. Needs
# python3.
set -eu
onetrip=$(realpath "${1:?usage: load-tail.sh PATH-OF-onetrip PATH-OF-responder [ROUNDS [SECONDS]] [CASE…]}")
responder=$(realpath "${2:?usage: load-tail.sh PATH-OF-onetrip PATH-OF-responder [ROUNDS [SECONDS]] [CASE…]}")
shift 2
exec python3 "$(dirname "$0")/load-tail.py" "$onetrip" "$responder" "$@"
