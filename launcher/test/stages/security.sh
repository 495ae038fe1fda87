#!/usr/bin/env bash
# Attacks from inside of sandboxes, on every isolation driver that the machine can run.
set -euo pipefail
# shellcheck source=../target.sh
. "$ATOLL_ROOT/launcher/test/target.sh"
arguments=()
[ "$SUITE_TAGS" != all ] || arguments=(--all)
"$ATOLL_ROOT/security/run.sh" "${arguments[@]}"
# Sandboxes that run containers have a weaker wall, which has to hold all the same.
[ "$SUITE_TAGS" != all ] || ATOLL_SECURITY_DRIVERS=container ATOLL_SECURITY_CREATE='{"docker":true}' "$ATOLL_ROOT/security/run.sh" --all
