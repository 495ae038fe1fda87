#!/usr/bin/env bash
# count.sh LOG: 'PASSED FAILED' of a stage, whichever runner printed it.
set -euo pipefail
sed -E 's/\x1b\[[0-9;]*m//g' "$1" | awk '
  /^--- PASS/ { passed++ }
  /^--- FAIL/ { failed++ }
  # Surefire: the totals of a module, not its classes.
  /Tests run: [0-9]+, Failures: [0-9]+, Errors: [0-9]+, Skipped: [0-9]+$/ {
    line = $0; sub(/.*Tests run/, "", line); gsub(/[^0-9 ]/, "", line); split(line, n, " ")
    passed += n[1] - n[2] - n[3] - n[4]; failed += n[2] + n[3]
  }
  # pytest and our own shell tests.
  /[0-9]+ (passed|failed|error)/ && !/Tests run/ {
    for (i = 1; i < NF; i++) {
      if ($(i + 1) ~ /^passed/) passed += $i
      if ($(i + 1) ~ /^(failed|error)/) failed += $i
    }
  }
  END { print passed + 0, failed + 0 }'
