#!/usr/bin/env bash
# down leaves nothing, up comes back, and uninstall leaves no user and no folder.
set -euo pipefail
. "$ATOLL_ROOT/launcher/common.sh"
use config toolchain packages setup build identity installation lock namespace roles supervisor strays ready caches images down
config_load
need_identity
"$ATOLL_ROOT/atoll" down
left=$(left_behind)
[ -z "$left" ] || {
  echo "$left"
  exit 1
}
echo "down leaves nothing: 1 passed, 0 failed"
"$ATOLL_ROOT/atoll" uninstall --purge
[ ! -e "$ATOLL_HOME" ] && ! getent passwd "atoll-$ID-server" && [ ! -e "$REGISTRY/$ID" ]
echo "uninstall leaves nothing: 1 passed, 0 failed"
