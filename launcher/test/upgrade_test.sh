# shellcheck shell=bash
# What replaces the roles is called by the launcher's own functions.
# shellcheck disable=SC2317
use upgrade status

# Roles whose command lines name a program each: the node's is this one, the gateway's is the one before.
an_upgrade_that_was_cut_off() {
  local role
  printf 'id = abcd\n' >"$ATOLL_HOME/identity"
  mkdir -p "$ATOLL_HOME/dist"
  DIST=$ATOLL_HOME/dist/new
  ln -s "$DIST" "$ATOLL_HOME/dist/current"
  declare -gA PIDS=()
  for role in node server edge; do
    bash -c 'sleep 20; :' "$ATOLL_HOME/dist/$([ "$role" = edge ] && echo old || echo new)/lib" &
    PIDS[$role]=$!
  done
  trap 'kill "${PIDS[@]}"' EXIT
  wait_until 5 all_began
  role_pid() { printf '%s\n' "${PIDS[$1]}"; }
  need_root() { :; }
  supervisor_is_alive() { :; }
  setup_machine() { :; }
  build_and_install() { :; }
  users_make() { :; }
  folders_make() { :; }
  installation_write() { :; }
  supervisor_write() { :; }
  wait_image() { :; }
  warm_up() { :; }
  prune_dists() { :; }
}

all_began() {
  local pid
  for pid in "${PIDS[@]}"; do grep -qF "$ATOLL_HOME/dist/" "/proc/$pid/cmdline" || return 1; done
}

test_an_upgrade_goes_on_where_another_one_was_cut_off() {
  local said
  an_upgrade_that_was_cut_off
  restart_role() { say "restarts $1"; }
  said=$(command_upgrade 2>&1)
  assert_has 'restarts edge' "$said"
  assert_has 'upgraded' "$said"
  [[ $said != *'restarts node'* && $said != *'runs already'* ]]
  DIST=$ATOLL_HOME/dist/old
  assert_is $'node\nserver' "$(roles_of_other_programs)"
}

test_roles_of_another_program_are_not_current() {
  an_upgrade_that_was_cut_off
  supervise_spec() { printf '{}\n'; }
  RUN=$ATOLL_HOME
  supervise_spec >"$(supervise_file)"
  if supervisor_is_current; then return 1; fi
  PIDS[edge]=${PIDS[node]}
  supervisor_is_current
}

test_who_interrupts_an_upgrade_is_told_what_is_left() {
  local said code=0
  an_upgrade_that_was_cut_off
  restart_role() { kill -INT "$BASHPID"; }
  said=$( (command_upgrade) 2>&1) || code=$?
  assert_is 130 "$code"
  assert_has "'./atoll upgrade' goes on from there" "$said"
}
