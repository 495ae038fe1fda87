#!/usr/bin/env bash
# Every script through shellcheck, then the launcher's own tests.
set -euo pipefail
cd "$ATOLL_ROOT"
if command -v shellcheck >/dev/null; then
  find atoll .ci launcher native conformance -name .venv -prune -o -type f \( -name '*.sh' -o -name atoll -o -name run -o -name build \) \
    -print0 | xargs -0 shellcheck -x
  echo "ok     shellcheck"
  echo "shellcheck: 1 passed, 0 failed"
fi
launcher/test/run.sh
