#!/bin/sh
# SEKMET, a small FHIR server of the Python package index, under the FHIR journeys on loopback: the careless journey must
# be seen to sell a slot twice, If-Match must not, the conditional create is reported as observed.
# Usage: tests/servers/sekmet.sh PATH-OF-onetrip   (needs python3 and the package index; says so and ends with 77 without)
set -eu
onetrip=${1:?usage: sekmet.sh PATH-OF-onetrip}
port=${PORT:-8090}
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
if ! python3 -m venv "$folder/venv" || ! "$folder/venv/bin/pip" install --quiet sekmet-fhir==0.1.1; then
    echo "SKIPPED: sekmet-fhir cannot be installed here" >&2
    exit 77
fi
(cd "$folder" && exec venv/bin/sekmet serve --host 127.0.0.1 --port "$port") >"$folder/server.log" 2>&1 &
server=$!
tries=0
until python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/fhir/metadata', timeout=1)" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 60 ]; then
        echo "SEKMET did not start:" >&2
        cat "$folder/server.log" >&2
        exit 1
    fi
    sleep 1
done
# Sixteen patients race for eight slots within a second and a half.
oversold() {
    "$onetrip" --json load run --journey "$1" --target "http://127.0.0.1:$port/fhir" --rate 115200 --for 2s \
        --journey-set prepare.slots.repeat=8 --journey-set 'patience="10 min"' --journey-set 'timeout="60 s"' \
        --journey-set 'step.look.own_time="10 ms"' --lag-bound 1min --log "$folder/$1.log" >"$folder/$1.json" || true
    python3 - "$folder/$1.json" <<'PYTHON'
import json, sys
findings = json.load(open(sys.argv[1]))["verdict"]["findings"]
print(next(one["violation_count"] for one in findings if one["property"] == "final-capacity"))
PYTHON
}
naive=$(oversold fhir-naive)
guarded=$(oversold fhir-if-match)
conditional=$(oversold fhir-conditional-create)
echo "slots sold more than once: naive $naive, If-Match $guarded, conditional create $conditional (as observed)"
[ "$naive" -gt 0 ] || { echo "the careless journey sold nothing twice" >&2; exit 1; }
[ "$guarded" -eq 0 ] || { echo "If-Match sold a slot twice" >&2; exit 1; }
