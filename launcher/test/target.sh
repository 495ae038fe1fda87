# shellcheck shell=bash
# Tells tests which installation they drive.
. "$ATOLL_ROOT/launcher/common.sh"
use config toolchain
config_load
find_java
ATOLL_TEST_HOME=$ATOLL_HOME
ATOLL_TEST_API_URL=$(json_get api_url <"$SUITE_LOGS/status.json")
ATOLL_TEST_HTTP_PORT=$(json_get http_port <"$SUITE_LOGS/status.json")
ATOLL_TEST_API_KEY=$(cat "$ATOLL_HOME/admin.key")
ATOLL_TEST_API_KEY2=$("$ATOLL_ROOT/atoll" org create "second-$$" | tail -n 1)
ATOLL_TEST_LAUNCHER=$ATOLL_ROOT/atoll
# Where it was built, its scenarios must not be skipped.
! microvm_is_there || export ATOLL_TEST_MICROVM=yes
! runsc_is_there || export ATOLL_TEST_GVISOR=yes
export ATOLL_TEST_HOME ATOLL_TEST_API_URL ATOLL_TEST_HTTP_PORT ATOLL_TEST_API_KEY ATOLL_TEST_API_KEY2 ATOLL_TEST_LAUNCHER
