#!/usr/bin/env bash
# run.sh [--all] [NAME...]: the attack suite against the Atoll at ATOLL_TEST_API_URL, once for each isolation driver.
# ATOLL_SECURITY_DRIVERS names the drivers (default: all that this machine can run). --all adds the long bombs.
set -euo pipefail
cd "$(dirname "$0")"

: "${ATOLL_TEST_API_URL:?the base URL of a running Atoll on this machine, with /api/v1}"
: "${ATOLL_TEST_API_KEY:?an admin key of that Atoll}"
: "${ATOLL_TEST_HOME:?the home of that Atoll}"

exec python3 -B -m lib "$@"
