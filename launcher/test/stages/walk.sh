#!/usr/bin/env bash
# Ten thousand random steps through faults. A run that is cut short goes on with the next one; ATOLL_TEST_SEED repeats one.
set -euo pipefail
# shellcheck source=../target.sh
. "$ATOLL_ROOT/launcher/test/target.sh"
cd "$ATOLL_ROOT"
exec ./mvnw -B -ntp -P scenarios -pl scenarios -am test -Dtest='CyclesScenarioTest' -Dsurefire.failIfNoSpecifiedTests=false \
  -Dscenarios.tags=long
