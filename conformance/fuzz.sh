#!/usr/bin/env bash
# Calls every operation of the OpenAPI document with generated input, good and bad, for FUZZ_SECONDS (default 600): no answer may be
# one that the document does not describe, and no 5xx but the 501s that it declares and the 503s of what is busy. Prints those. FUZZ_SEED repeats a run. Use an
# organization of its own: whatever it has may be changed or deleted.
set -euo pipefail
cd "$(dirname "$0")"

: "${ATOLL_TEST_API_URL:?the base URL of a running Atoll, with /api/v1}"
: "${ATOLL_TEST_API_KEY2:?an admin key of an organization that holds nothing}"

venv=${ATOLL_FUZZ_VENV:-$PWD/.venv/fuzz}
wanted=schemathesis==4.32.5
if [ ! -f "$venv/installed-$wanted" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$wanted" pyyaml
  touch "$venv/installed-$wanted"
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/hooks.py" <<'EOF'
import schemathesis

# What a declared 503 may say: that there is no room now, not that a part of the platform has failed.
BUSY = {"TEMPLATE_BUILDING", "NO_READY_MACHINE", "NO_CAPACITY"}


@schemathesis.check
def no_fault_of_the_server(ctx, response, case):
    if response.status_code < 500 or response.status_code == 501:
        return
    code = response.json()["error"]["code"] if "json" in response.headers.get("content-type", [""])[0] else ""
    if response.status_code == 503 and code in BUSY and "retry-after" in response.headers:
        return
    raise AssertionError(f"{response.status_code} {code}")
EOF

printf 'Declared and not built (501):\n'
"$venv/bin/python" - <<'EOF'
import yaml

paths = yaml.safe_load(open("../api/openapi.yaml"))["paths"]
unbuilt = [
    f"{method.upper()} {path}"
    for path, operations in paths.items()
    for method, operation in operations.items()
    if operation.get("x-not-implemented")
]
print("\n".join("  " + one for one in unbuilt), f"\n  {len(unbuilt)} in all")
EOF

seed=${FUZZ_SEED:-$RANDOM}
printf 'seed %s\n' "$seed"
document=$(cd .. && pwd)/api/openapi.yaml
code=0
cd "$scratch" # where it keeps what it remembers

# $1: key, $2: seconds; the rest: which operations.
fuzz() {
  local key=$1 seconds=$2
  shift 2
  PYTHONPATH="$scratch" SCHEMATHESIS_HOOKS=hooks "$venv/bin/schemathesis" --no-color run "$document" \
    --url "$ATOLL_TEST_API_URL" --header "Authorization: Bearer $key" \
    --phases "${FUZZ_PHASES:-coverage,fuzzing}" --max-time "$seconds" --seed "$seed" --workers 1 \
    --checks no_fault_of_the_server,status_code_conformance,content_type_conformance,response_schema_conformance \
    --request-timeout 75 --continue-on-failure --no-shrink --suppress-health-check all --warnings off \
    --generation-database none "$@" || code=$?
}

status_of() {
  curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $1" "$ATOLL_TEST_API_URL/whoami" || true
}

# Ids that an answer showed are tried: what ends the key that asks has a key of its own, and comes last.
own='/api-keys/\{id\}(/rotate)?$'
# Streams without an end are left out: they have tests of their own.
fuzz "$ATOLL_TEST_API_KEY2" "${FUZZ_SECONDS:-600}" \
  --exclude-path-regex "/(events/stream|notifications/stream|mcp|events)\$|$own"
if [ "$(status_of "$ATOLL_TEST_API_KEY2")" = 401 ]; then
  printf 'The run has ended its own key: what came after that was answered 401.\n'
  code=1
fi
spare=$(curl -s -X POST -H "Authorization: Bearer $ATOLL_TEST_API_KEY2" -H 'Content-Type: application/json' \
  -d '{"name":"fuzz","key_type":"admin"}' "$ATOLL_TEST_API_URL/api-keys" |
  "$venv/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["data"]["key"])')
fuzz "$spare" 30 --include-path-regex "$own"
if [ "$code" -eq 0 ]; then printf 'fuzz: 1 passed, 0 failed\n'; else printf 'fuzz: 0 passed, 1 failed\n'; fi
exit "$code"
