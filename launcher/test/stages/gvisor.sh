#!/usr/bin/env bash
# The scenarios of sandboxes once more, where sandboxes that ask for nothing are under gVisor. Left out is what is another way
# there by nature (docs/adr/0007-isolation-drivers.md): volumes of a running sandbox, named pipes in a snapshot, control groups
# inside, a fork bomb that leaves its own sandbox deaf.
set -euo pipefail
# shellcheck source=../target.sh
. "$ATOLL_ROOT/launcher/test/target.sh"
config_store isolation_auto gvisor
"$ATOLL_ROOT/atoll" up
cd "$ATOLL_ROOT"
code=0
./mvnw -B -ntp -P scenarios -pl scenarios -am test -Dsurefire.failIfNoSpecifiedTests=false -Dscenarios.tags=fast \
  -Dtest='Gvisor*,Attack*,Pipeline*,HostilePaths*,Network*,Limits*,Lifecycle*,Logs*,Code*,Snapshot*,App*,!LimitsScenarioTest#aForkBomb*,!LifecycleScenarioTest#sizesChangeLive,!SnapshotScenarioTest#itsFilesAreReadAndNothingElse' || code=$?
config_store isolation_auto container
"$ATOLL_ROOT/atoll" up
exit "$code"
