#!/usr/bin/env bash
# The launcher where nothing is installed: Debian 12, which has no JDK 25 of its own.
set -euo pipefail
exec bash "$ATOLL_ROOT/launcher/test/bare-debian.sh" bookworm
