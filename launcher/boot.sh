# shellcheck shell=bash
# boot: what a reboot took away, made again before systemd starts the roles. Called by the unit, not by people.

command_boot() {
  need_root boot
  config_load
  need_identity
  need_whole
  find_java || die "no JDK 25 was found" "./atoll setup"
  DIST=$(installed_dist)
  folders_make
  installation_write
  namespace_pin
  prepare_database
}
