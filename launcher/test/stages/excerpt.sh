#!/usr/bin/env bash
# excerpt.sh LOG: what a reader needs from the log of a stage that failed.
set -euo pipefail
grep -nE 'FAILED|ERROR|FAIL:|Error:|^E  |AssertionError|atoll: |fix: |BUILD FAILURE' "$1" | cut -c 1-300 | head -n 80 || true
printf '… what took longest:\n'
sed -nE 's/.*Time elapsed: ([0-9.]+) s.* in ([A-Za-z0-9_.]+)$/\1 s  \2/p' "$1" | sort -rn | head -n 12
printf '… the last lines:\n'
tail -n 25 "$1" | cut -c 1-300
