#!/bin/sh
# SEKMET, a small FHIR server of the Python package index, under the FHIR journeys.
# Usage: tests/servers/sekmet.sh PATH-OF-onetrip   (needs python3 and the package index; says so and ends with 77 without)
set -eu
. "$(dirname "$0")/ground.sh"
port=${PORT:-$(free_port 8090)}
if ! python3 -m venv "$folder/venv" || ! "$folder/venv/bin/pip" install --quiet sekmet-fhir==0.1.1; then
    skip "sekmet-fhir cannot be installed here"
fi
cd "$folder"
serve sekmet venv/bin/sekmet serve --host 127.0.0.1 --port "$port"
await sekmet "http://127.0.0.1:$port/fhir/metadata"
fhir_races "http://127.0.0.1:$port/fhir"
