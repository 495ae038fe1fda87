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
  eval "$(declare -f supervise_run | sed '1s/supervise_run/supervise_at_last/')"
  supervise_run() { sleep 0.5 && supervise_at_last; }
  supervise_start
  ! supervisor_is_alive || alive=yes
  supervise_stop
  wait
  assert_is yes "$alive"
}

test_a_lock_of_the_caller_ends_with_its_command() {
  local free=no
  supervised
  role_command() { COMMAND=(/bin/sleep 20); }
  supervise_write
  exec 9>"$ATOLL_HOME/lock"
  flock 9
  supervise_start
  exec 9>&-
  ! flock -n "$ATOLL_HOME/lock" true || free=yes
  supervise_stop
  wait
  assert_is yes "$free"
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

test_a_database_that_ends_again_and_again_is_told_where_others_wait_for_it() {
  local said
  supervised
  roles() { printf 'postgres\nnode\n'; }
  role_command() {
    COMMAND=(/bin/sleep 20)
    [ "$1" = node ] || COMMAND=(/bin/sh -c 'echo "could not write lock file: No space left on device"; exit 1')
  }
  role_is_ready() { return 0; }
  little_room() { printf ' (only 3 MiB are free)'; }
  supervise_write
  supervise_start
  said=$(wait_ready 2>&1) && return 1
  supervise_stop
  wait
  assert_has 'No space left on device' "$said"
  assert_has 'postgres ends as soon as it is started (only 3 MiB are free)' "$said"
}

test_a_role_that_was_killed_with_its_supervisor_is_down() {
  use status
  local pid
  supervised
  role_command() { COMMAND=(/bin/sleep 20); }
  role_is_ready() { return 1; }
  supervise_write
  supervise_start
  wait_until 5 role_runs
  pid=$(role_pid node)
  assert_is starting "$(role_state node)"
  kill -KILL "$(supervise_process)" "$pid"
  wait_until 5 none_alive "$pid"
  assert_is down "$(role_state node)"
  assert_is '' "$(role_pid node)"
  # Another process of that id is not the role.
  printf '{"node":{"pid":%s,"start_time":1}}\n' "$BASHPID" >"$(supervise_state)"
  assert_is '' "$(supervise_pid node)"
}

role_runs() { [ -n "$(role_pid node)" ]; }
