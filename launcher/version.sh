# shellcheck shell=bash
command_version() {
  [ $# -eq 0 ] || die "'atoll version' takes no arguments"
  printf 'atoll %s\n' "$(program_version)"
}
