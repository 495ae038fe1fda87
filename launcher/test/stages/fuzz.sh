#!/usr/bin/env bash
# Generated calls of every operation, against the running platform.
set -euo pipefail
# shellcheck source=../target.sh
. "$ATOLL_ROOT/launcher/test/target.sh"
exec "$ATOLL_ROOT/conformance/fuzz.sh"
