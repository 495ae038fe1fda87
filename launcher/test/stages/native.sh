#!/usr/bin/env bash
# The Go programs: formatted, vetted, built, tested.
set -euo pipefail
. "$ATOLL_ROOT/launcher/common.sh"
use config toolchain packages
find_go
cd "$ATOLL_ROOT/native"
unformatted=$("$(dirname "$GO")/gofmt" -l .)
[ -z "$unformatted" ] || {
  echo "gofmt: $unformatted"
  exit 1
}
"$GO" vet ./...
# First, so that a test that fails takes no other stage with it.
./build target/bin
"$GO" test -count=1 -v ./...
