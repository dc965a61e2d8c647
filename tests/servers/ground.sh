#!/bin/sh
# Sourced by the scripts beside it: a folder and servers that end with the script, runs, and the races on FHIR servers.
# The script's one argument is the program; everything is on loopback.
onetrip=$(realpath "${1:?usage: ${0##*/} PATH-OF-onetrip}")
folder=$(mktemp -d)
chmod 755 "$folder"
servers=
finish() {
    for server in $servers; do kill "$server" 2>/dev/null || true; done
    for server in $servers; do wait "$server" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

# What is not there is said, and ends the script with 77.
skip() {
    echo "SKIPPED: $1" >&2
    exit 77
}

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

# free_port PREFERRED: that port of the loopback interface, or any other where somebody listens there.
free_port() {
    python3 -c "import socket, sys
for port in ($1, 0):
    with socket.socket() as asked:
        try: asked.bind(('127.0.0.1', port))
        except OSError: continue
        sys.exit(print(asked.getsockname()[1]))"
}

# serve NAME COMMAND…: runs until the script ends; its words go to NAME.log.
serve() {
    name=$1
    shift
    "$@" >"$folder/$name.log" 2>&1 &
    servers="$servers $!"
}

# await NAME URL: until the server of this name answers with anything but a failure of its own.
await() {
    tries=0
    until python3 -c "import sys, urllib.error, urllib.request
try: urllib.request.urlopen('$2', timeout=2)
except urllib.error.HTTPError as error: sys.exit(error.code >= 500)" 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 180 ]; then
            cat "$folder/$1.log" >&2
            fail "$1 did not start"
        fi
        sleep 1
    done
}

# serve_postgres PORT: an empty database `postgres` of the user `load`; sets `database`, its address.
serve_postgres() {
    programs=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -1)
    [ -n "$programs" ] || skip "no PostgreSQL server: apt-get install postgresql"
    programs=${programs%/initdb}
    mkdir "$folder/postgres"
    # It refuses to run as root.
    as_owner=
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres "$folder/postgres"
        as_owner="runuser -u postgres --"
    fi
    (cd / && $as_owner "$programs/initdb" -D "$folder/postgres/data" -U load --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync) \
        >"$folder/initdb.log" || fail "PostgreSQL could not be set up"
    serve postgres $as_owner "$programs/postgres" -D "$folder/postgres/data" -p "$1" -c listen_addresses=127.0.0.1 \
        -c "unix_socket_directories=$folder/postgres" -c fsync=off
    tries=0
    until "$programs/pg_isready" -q -h 127.0.0.1 -p "$1"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 60 ]; then
            cat "$folder/postgres.log" >&2
            fail "PostgreSQL did not start"
        fi
        sleep 1
    done
    database="postgres://load@127.0.0.1:$1/postgres"
}

# load JOURNEY TARGET [ARGUMENT…]: 64 patients within half a second, who live sixty times as fast; prints what was found.
# Whoever meets a slow machine waits: neither patience nor lateness of sending decides here.
load() {
    journey=$1
    target=$2
    shift 2
    code=0
    "$onetrip" --json load run --journey "$journey" --target "$target" --rate 7680 --for 30s --speed 60 \
        --journey-set 'patience="30 min"' --journey-set 'timeout="60 s"' --lag-bound 10min \
        --log "$folder/$journey.run" "$@" >"$folder/$journey.json" || code=$?
    # 1 says that a property is violated, which is what is asked here.
    [ "$code" -le 1 ] || fail "$journey could not be run"
    python3 - "$journey" "$folder/$journey" <<'PYTHON'
import collections, json, sys
name, path = sys.argv[1:]
run = json.load(open(path + ".json"))
done = sum(step["ok_count"] for step in run["steps"])
live = collections.Counter()
for line in open(path + ".run"):
    final = json.loads(line).get("final", {})
    if final.get("kind") == "appointment" and final["state"] in ("booked", "checked-in", "arrived", "fulfilled"):
        live[final["slot"]] += 1
extra = sum(count - 1 for count in live.values())
violated = {one["property"]: one["violation_count"] for one in run["verdict"]["findings"] if one["verdict"] == "violated"}
others = [f"{name} {count}" for name, count in violated.items() if name not in ("slot-capacity", "final-capacity")]
print(f"{name}: {done} requests done; {extra} appointments too many on {len(live)} slots;", "also violated:", ", ".join(others) or "nothing")
PYTHON
}

# violations JOURNEY [PROPERTY]: how often the run of this journey broke it, or any.
violations() {
    python3 - "$folder/$1.json" "${2:-}" <<'PYTHON'
import json, sys
findings = json.load(open(sys.argv[1]))["verdict"]["findings"]
print(sum(one["violation_count"] for one in findings if sys.argv[2] in ("", one["property"])))
PYTHON
}

# fhir_races TARGET: the same journeys, unchanged, on any FHIR server. The careless one must be seen to sell slots twice;
# with If-Match nothing may be wrong. What the transaction, the conditional create and a clerk's illegal move (fulfilled
# back to proposed) come to is told as observed.
fhir_races() {
    # A race that nobody lost proves nothing: it is run again.
    rounds=1
    load fhir-naive "$1" --journey-set prepare.slots.repeat=8
    while [ "$(violations fhir-naive final-capacity)" -eq 0 ]; do
        [ "$rounds" -lt 3 ] || fail "the careless journey sold nothing twice in $rounds rounds"
        rounds=$((rounds + 1))
        load fhir-naive "$1" --journey-set prepare.slots.repeat=8
    done
    load fhir-if-match "$1" --journey-set prepare.slots.repeat=8
    load fhir-conditional-create "$1" --journey-set prepare.slots.repeat=8
    load fhir-transaction "$1" --journey-set prepare.slots.repeat=8 --journey-set 'step.slip.share="100 %"'
    [ "$(violations fhir-if-match)" -eq 0 ] || fail "with If-Match, something is violated"
}
