#!/usr/bin/env bash
# The platform's behavior over HTTP, its crashes and its attackers included.
set -euo pipefail
# shellcheck source=../target.sh
. "$ATOLL_ROOT/launcher/test/target.sh"
cd "$ATOLL_ROOT"
exec ./mvnw -B -ntp -P scenarios -pl scenarios -am test -Dtest='*ScenarioTest' -Dsurefire.failIfNoSpecifiedTests=false \
  -Dscenarios.tags="$SUITE_TAGS"
