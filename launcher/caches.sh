# shellcheck shell=bash
# Start-up caches of the Java roles (JEP 514): the first run of a program records what it loads and links and writes it down as it
# ends, so that every later start is faster. They are an aid: without one a role starts all the same.

cache_of() { printf '%s/cache/%s.aot\n' "$DIST" "$1"; }
cache_record() { printf '%s/tmp/%s/%s.aot\n' "$ATOLL_HOME" "$1" "${DIST##*/}"; }

# cache_flags ROLE: sets CACHE_FLAGS: use the cache, or record it.
cache_flags() {
  if [ -r "$(cache_of "$1")" ]; then
    CACHE_FLAGS=("-XX:AOTCache=$(cache_of "$1")")
  elif [ -e "$DIST/cache/none" ]; then
    CACHE_FLAGS=()
  else
    CACHE_FLAGS=("-XX:AOTCacheOutput=$(cache_record "$1")")
  fi
  CACHE_FLAGS+=(-Xlog:disable -Xlog:all=error:stderr)
}

caches_are_there() {
  local role
  [ ! -e "$DIST/cache/none" ] || return 0
  for role in node server edge; do [ -e "$(cache_of "$role")" ] || return 1; done
}

# Ends the recording roles in good order, keeps what they wrote, and starts them with it. A cache that was not written is not
# asked for again.
caches_make() {
  local role record
  ! caches_are_there || return 0
  supervisor_stop
  mkdir -p "$DIST/cache"
  for role in node server edge; do
    record=$(cache_record "$role")
    if [ -s "$record" ]; then
      install -m 0644 "$record" "$(cache_of "$role").partial"
      mv -f "$(cache_of "$role").partial" "$(cache_of "$role")"
    fi
    rm -f "$record" "$record.config"
  done
  caches_are_there || : >"$DIST/cache/none"
  supervisor_start
  wait_ready
}
