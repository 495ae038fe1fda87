# shellcheck shell=bash
# What replaces the roles is called by the launcher's own functions.
# shellcheck disable=SC2154,SC2317

test_a_role_that_ends_at_once_is_told_at_once() {
  local said
  need_go >/dev/null
  ID=test RUN=$ATOLL_HOME/run DIST=$ATOLL_HOME/dist CONFIG[supervisor]=builtin
  mkdir -p "$RUN" "$DIST/bin" "$ATOLL_HOME/logs"
  (cd "$ATOLL_ROOT/native" && CGO_ENABLED=0 GOFLAGS=-buildvcs=false "$GO" build -o "$DIST/bin/supervise" ./cmd/supervise)
  roles() { printf 'node\n'; }
  role_command() { COMMAND=(/bin/sh -c 'echo "10.0.0.0/99 is no range"; exit 1'); }
  supervise_write
  supervise_start
  said=$(wait_ready 2>&1) && return 1
  kill "$(supervise_process)"
  wait
  assert_has '10.0.0.0/99 is no range' "$said"
  assert_has 'node ends as soon as it is started' "$said"
}
