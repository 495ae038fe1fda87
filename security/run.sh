#!/usr/bin/env bash
# run.sh [--all] [--on DRIVER[+OPTION]]... [NAME...]: the attack suite against the Atoll at ATOLL_TEST_API_URL, once for each target:
# --on container, gvisor or microvm, container+docker, container+nested_virtualization. Default: each driver that this machine can
# run; --all adds the options, and what takes long.
set -euo pipefail
cd "$(dirname "$0")"

: "${ATOLL_TEST_API_URL:?the base URL of a running Atoll on this machine, with /api/v1}"
: "${ATOLL_TEST_API_KEY:?an admin key of that Atoll}"
: "${ATOLL_TEST_HOME:?the home of that Atoll}"

exec python3 -B -m lib "$@"
