# shellcheck shell=bash
command_version() { printf 'atoll %s\n' "$(program_version)"; }
