# shellcheck shell=bash
# The passphrase of a backup: from a file, or typed without being shown.

PASSPHRASE=''

# passphrase_take FILE: its first line.
passphrase_take() {
  [ -r "$1" ] || die "the passphrase's file $1 cannot be read"
  IFS= read -r PASSPHRASE <"$1" || [ -n "$PASSPHRASE" ] || die "the passphrase's file $1 is empty"
  PASSPHRASE=${PASSPHRASE%$'\r'}
  [ -n "$PASSPHRASE" ] || die "the first line of $1 is empty"
}

# passphrase_ask WORDS: empty when nobody can be asked.
passphrase_ask() {
  PASSPHRASE=''
  [ -t 0 ] || return 0
  IFS= read -rsp "$1: " PASSPHRASE || true
  say ''
}

# with_passphrase COMMAND…: the command finds the passphrase in descriptor 3; PASSPHRASE_OPTION says so, when there is one.
with_passphrase() { "$@" 3< <(printf '%s\n' "$PASSPHRASE"); }

passphrase_option() {
  PASSPHRASE_OPTION=()
  [ -z "$PASSPHRASE" ] || PASSPHRASE_OPTION=(--passphrase /dev/fd/3)
}
