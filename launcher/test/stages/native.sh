#!/usr/bin/env bash
# The Go programs: formatted, vetted, tested, built.
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
"$GO" test -count=1 -v ./...
./build target/bin
