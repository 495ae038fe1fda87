# shellcheck shell=bash
# Start-up caches of the Java roles: the classes that a running role has loaded, dumped once for each program, so that a
# restarted process answers sooner. They are an aid: without one a role starts all the same.

cache_of() { printf '%s/cache/%s.jsa\n' "$DIST" "$1"; }

# cache_flags ROLE: sets CACHE_FLAGS: use the archive, or remember what it needs.
cache_flags() {
  if [ -r "$(cache_of "$1")" ]; then
    CACHE_FLAGS=("-XX:SharedArchiveFile=$(cache_of "$1")" -Xshare:auto -Xlog:disable -Xlog:all=error:stderr)
  else
    CACHE_FLAGS=(-XX:+RecordDynamicDumpInfo)
  fi
}

# Dumps what is missing; then the supervisor is told, without a restart.
caches_make() {
  local role made=''
  for role in node server edge; do
    [ ! -e "$(cache_of "$role")" ] || continue
    cache_dump "$role" || continue
    made=yes
  done
  [ -z "$made" ] || supervisor_reload
}

cache_dump() {
  local dumped=$ATOLL_HOME/tmp/$1/classes.jsa pid
  pid=$(role_pid "$1")
  rm -f "$dumped"
  [ -n "$pid" ] && timeout 60 "$JAVA_HOME/bin/jcmd" "$pid" VM.cds dynamic_dump "$dumped" >>"$ATOLL_HOME/logs/setup.log" 2>&1 &&
    [ -s "$dumped" ] || return 1
  mkdir -p "$DIST/cache"
  install -m 0644 "$dumped" "$(cache_of "$1").partial"
  mv -f "$(cache_of "$1").partial" "$(cache_of "$1")"
  rm -f "$dumped"
}
