#!/usr/bin/env bash
# An installation of its own: free ports, crash points on, images shared between runs.
set -euo pipefail
. "$ATOLL_ROOT/launcher/common.sh"

free_port() {
  "$(python)" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

mkdir -p "$ATOLL_IMAGE_CACHE" "$ATOLL_HOME/archive"
printf '%s\n' 'crash_points = true' 'isolation = container, gvisor' 'nested_virtualization = true' 'webhook_http = true' \
  'webhook_ranges = 127.0.0.0/8' 'domain_resolver = 127.0.0.1:5399' 'domain_proof = true' 'warm_pool = 8' 'warm_pool_most = 8' \
  "snapshot_archive = $ATOLL_HOME/archive" >"$ATOLL_HOME/atoll.conf"
ATOLL_PORT=$(free_port) ATOLL_TLS_PORT=$(free_port) "$ATOLL_ROOT/atoll" up
# The start made its first sandboxes itself.
if grep 'a sandbox of the start' "$ATOLL_HOME/logs/setup.log"; then exit 1; fi
"$ATOLL_ROOT/atoll" status
"$ATOLL_ROOT/atoll" status --json >"$SUITE_LOGS/status.json"
"$ATOLL_ROOT/atoll" doctor
"$ATOLL_ROOT/atoll" up
echo "platform: 1 passed, 0 failed"
