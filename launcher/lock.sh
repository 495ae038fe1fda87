# shellcheck shell=bash
# One command at a time changes an installation.
home_lock() {
  exec 6>"$ATOLL_HOME/.lock"
  flock -n 6 || {
    say "another atoll command works on $ATOLL_HOME; waiting for it"
    flock -w 1200 6 || die "the other command did not end"
  }
}

home_unlock() { exec 6>&-; }
