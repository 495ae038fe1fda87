# shellcheck shell=bash
# setup: everything the machine needs to build and run Atoll.

command_setup() {
  [ $# -eq 0 ] || die "'atoll setup' takes no arguments"
  config_load
  setup_machine
}

setup_machine() {
  local began
  began=$(now_ms)
  say "setting up the machine"
  packages_need "$RUNTIME_PACKAGES"
  ensure_local_names
  need_java
  is_installed_program || need_go
  need_gvisor
  need_microvm
  say "  the machine is ready ($(seconds_since "$began"))"
}
