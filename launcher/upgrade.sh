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
  local began role before
  began=$(now_ms)
  before=$(installed_dist)
  if [ "$before" = "$DIST" ]; then
    say "this version runs already"
  else
    users_make
    folders_make
    installation_write
    supervisor_write
    for role in node server edge; do restart_role "$role"; done
    wait_image
    step "warmed up" warm_up
    prune_dists
    say "upgraded ($(seconds_since "$began"))"
  fi
  home_unlock
}

restart_role() {
  local began
  began=$(now_ms)
  supervisor_restart "$1"
  wait_until 90 role_is_ready "$1" || die "$1 did not become ready after the upgrade" "./atoll logs $1"
  say "  $1 runs the new version ($(seconds_since "$began"))"
}
