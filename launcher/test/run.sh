#!/usr/bin/env bash
# The launcher's own tests: every function named test_* in the files given, each in a shell of its own.
set -euo pipefail

ATOLL_ROOT=$(cd -P "$(dirname "$0")/../.." && pwd)
export ATOLL_ROOT
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0
[ $# -gt 0 ] || set -- "$ATOLL_ROOT"/launcher/test/*_test.sh

for file in "$@"; do
  while read -r name; do
    home=$scratch/$name
    mkdir -p "$home"
    if env -u ATOLL_PORT -u ATOLL_TLS_PORT -u ATOLL_BIND -u ATOLL_DOMAIN -u ATOLL_DATABASE_URL -u ATOLL_IMAGE_CACHE \
      ATOLL_HOME="$home" ATOLL_REGISTRY="$home/registry" timeout 60 \
      bash "$ATOLL_ROOT/launcher/test/one.sh" "$file" "$name" >"$home.output" 2>&1 </dev/null; then
      passed=$((passed + 1))
      printf 'ok     %s\n' "$name"
    else
      failed=$((failed + 1))
      printf 'FAILED %s\n' "$name"
      sed 's/^/       /' "$home.output"
    fi
  done < <(sed -nE 's/^(test_[a-z0-9_]+)\(\).*/\1/p' "$file")
done
printf 'launcher: %s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
