#!/usr/bin/env bash
# The official SDK, unmodified, against the running platform.
set -euo pipefail
# shellcheck source=../target.sh
. "$ATOLL_ROOT/launcher/test/target.sh"
exec "$ATOLL_ROOT/conformance/run.sh"
