# shellcheck shell=bash
# upgrade: this clone's program replaces the running one, process by process; sandboxes keep running.

command_upgrade() {
  [ $# -eq 0 ] || die "'atoll upgrade' takes no arguments"
  need_root upgrade
  config_load
  need_identity
  supervisor_is_alive || die "Atoll is not running" "./atoll up installs this version"
  home_lock
  setup_machine
  build_and_install
  local began role
  local -a others
  began=$(now_ms)
  mapfile -t others < <(roles_of_other_programs)
  if [ "${#others[@]}" -eq 0 ]; then
    say "this version runs already"
  else
    trap 'upgrade_interrupted' INT TERM
    users_make
    folders_make
    installation_write
    supervisor_write
    for role in "${others[@]}"; do restart_role "$role"; done
    wait_image
    step "warmed up" warm_up
    prune_dists
    trap - INT TERM
    say "upgraded ($(seconds_since "$began"))"
  fi
  home_unlock
}

# Those that an upgrade has to start again. What dist/current names says nothing of it: an earlier one may have been cut off.
roles_of_other_programs() {
  local role
  for role in node server edge; do
    if [ -z "$(role_pid "$role")" ] || runs_other_program "$role"; then printf '%s\n' "$role"; fi
  done
}

upgrade_interrupted() {
  trap '' INT TERM
  say "interrupted: some processes may run this version and some the one before; './atoll upgrade' goes on from there"
  exit 130
}

restart_role() {
  local began
  began=$(now_ms)
  supervisor_restart "$1"
  wait_until 90 role_is_ready "$1" || die "$1 did not become ready after the upgrade" "./atoll logs $1"
  say "  $1 runs the new version ($(seconds_since "$began"))"
}
