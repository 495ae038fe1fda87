#!/usr/bin/env bash
# The scenarios of sandboxes once more, where sandboxes that ask for nothing are virtual machines. Where the host's KVM does
# not run them they are emulated, at a tenth of the speed. Left out is what is another way there by nature
# (docs/adr/0014-virtual-machines.md): volumes of a running sandbox, a live size of memory; and, where they are emulated, npm,
# which takes more than its minute.
set -euo pipefail
# shellcheck source=../target.sh
. "$ATOLL_ROOT/launcher/test/target.sh"
before=${CONFIG[isolation]}
config_store isolation 'container, gvisor, microvm'
config_store microvm_emulation true
"$ATOLL_ROOT/atoll" up
config_load
left_out='!LifecycleScenarioTest#sizesChangeLive'
if microvm_runs "$ATOLL_HOME/dist/current/bin"; then
  config_store microvm_emulation false
else
  left_out+=',!NetworkScenarioTest#theRegistriesAreReachedWithTheHostsAuthorities'
  echo 'microvm: emulated, this machine has no KVM that runs its kernel'
fi
config_store isolation_auto microvm
"$ATOLL_ROOT/atoll" up
export ATOLL_TEST_MICROVM=yes
cd "$ATOLL_ROOT"
code=0
./mvnw -B -ntp -P scenarios -pl scenarios -am test -Dsurefire.failIfNoSpecifiedTests=false -Dscenarios.tags=fast -Dscenarios.side_by_side=1 \
  -Dtest="Microvm*,HostilePaths*,Network*,Lifecycle*,Snapshot*,$left_out" || code=$?
"$ATOLL_ROOT/security/run.sh" --on microvm || code=$?
config_store isolation_auto container
config_store microvm_emulation false
config_store isolation "$before"
"$ATOLL_ROOT/atoll" up
exit "$code"
