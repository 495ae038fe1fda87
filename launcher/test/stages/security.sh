#!/usr/bin/env bash
# Attacks from inside of sandboxes, on every isolation driver that the machine can run.
set -euo pipefail
# shellcheck source=../target.sh
. "$ATOLL_ROOT/launcher/test/target.sh"
arguments=()
[ "$SUITE_TAGS" != all ] || arguments=(--all)
exec "$ATOLL_ROOT/security/run.sh" "${arguments[@]}"
