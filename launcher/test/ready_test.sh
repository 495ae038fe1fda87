# shellcheck shell=bash
# What replaces the roles is called by the launcher's own functions.
# shellcheck disable=SC2154,SC2317

# A supervisor of one role.
supervised() {
  need_go >/dev/null
  ID=test RUN=$ATOLL_HOME/run DIST=$ATOLL_HOME/dist CONFIG[supervisor]=builtin
  mkdir -p "$RUN" "$DIST/bin" "$ATOLL_HOME/logs"
  (cd "$ATOLL_ROOT/native" && CGO_ENABLED=0 GOFLAGS=-buildvcs=false "$GO" build -o "$DIST/bin/supervise" ./cmd/supervise)
  roles() { printf 'node\n'; }
}

test_a_supervisor_that_is_slow_to_begin_is_not_taken_for_ended() {
  local alive=no
  supervised
  role_command() { COMMAND=(/bin/sleep 20); }
  supervise_write
  env() { sleep 0.5 && exec env "$@"; }
  supervise_start
  ! supervisor_is_alive || alive=yes
  supervise_stop
  wait
  assert_is yes "$alive"
}

test_a_role_that_ends_at_once_is_told_at_once() {
  local said
  supervised
  role_command() { COMMAND=(/bin/sh -c 'echo "10.0.0.0/99 is no range"; exit 1'); }
  supervise_write
  supervise_start
  said=$(wait_ready 2>&1) && return 1
  kill "$(supervise_process)"
  wait
  assert_has '10.0.0.0/99 is no range' "$said"
  assert_has 'node ends as soon as it is started' "$said"
}
