#!/usr/bin/env bash
# Attacks from inside of sandboxes and from the network, on every isolation driver that the machine can run. The second tier adds
# what takes long, and sandboxes that run containers or virtual machines: their wall is weaker, and has to hold all the same.
set -euo pipefail
# shellcheck source=../target.sh
. "$ATOLL_ROOT/launcher/test/target.sh"
arguments=()
[ "$SUITE_TAGS" != all ] || arguments=(--all)
"$ATOLL_ROOT/security/run.sh" "${arguments[@]}"
