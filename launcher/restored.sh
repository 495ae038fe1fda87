# shellcheck shell=bash
# The mark of a home that a restore has not finished: nothing may take it for an installation.

restoring() { printf '%s/.restoring\n' "$ATOLL_HOME"; }

need_whole() {
  [ ! -e "$(restoring)" ] || die "a restore into $ATOLL_HOME was cut off: what is there is not whole" \
    "./atoll restore FILE, which begins it anew"
}
