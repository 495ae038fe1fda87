# shellcheck shell=bash
# org create NAME: another organization and its first key.

command_org() {
  [ "${1:-}" = create ] && [ $# -eq 2 ] || die "usage: atoll org create NAME"
  [[ $2 =~ ^[A-Za-z0-9][A-Za-z0-9\ ._-]{0,62}$ ]] || die "'$2' is not a name for an organization"
  need_root "org create"
  config_load
  need_identity
  { [ -r "$INSTALLATION" ] && supervisor_is_alive; } || die "Atoll is not running" "./atoll up"
  find_java || die "no JDK 25 was found" "./atoll setup"
  DIST=$(json_get dist <"$INSTALLATION")
  run_tool server server com.atoll.server.MintCommand org "$2"
}
