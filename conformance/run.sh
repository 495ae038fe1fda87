#!/usr/bin/env bash
# Installs the official SDK beside the tests and runs them against ATOLL_TEST_API_URL.
set -euo pipefail
cd "$(dirname "$0")"

: "${ATOLL_TEST_API_URL:?the base URL of a running Atoll, with /api/v1}"
: "${ATOLL_TEST_API_KEY:?an admin key of that Atoll}"

venv=${ATOLL_CONFORMANCE_VENV:-$PWD/.venv}
stamp=$(sha256sum requirements.txt | cut -c1-16)
if [ ! -f "$venv/installed-$stamp" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
  touch "$venv/installed-$stamp"
fi
exec "$venv/bin/python" -m pytest "$@"
