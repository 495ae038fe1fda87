#!/usr/bin/env bash
# one.sh FILE TEST: one test with the launcher's parts around it.
set -euo pipefail
# shellcheck source=../common.sh
. "$ATOLL_ROOT/launcher/common.sh"
# shellcheck source=assertions.sh
. "$ATOLL_ROOT/launcher/test/assertions.sh"
use config toolchain packages setup build identity installation lock namespace roles supervisor strays ready caches images restored
# shellcheck source=/dev/null
. "$1"
"$2"
