# shellcheck shell=bash
# Start-up caches of the Java roles (JEP 514): the first run of a program records what it loads and links, and as it ends in good
# order a second JVM writes that down; later runs map it, so that a restarted process answers sooner. Without one a role starts
# all the same. Not the older class archives: dumping and using those crashed the JVM.

# With 8 commands the first few hundred of a fresh start took twice as long as with 300.
readonly TRAINING_COMMANDS=300
readonly WARM_UP_ROUNDS=8 WARM_UP_COMMANDS=8
readonly WARM_UP_CROWDS=4 CROWD=24

cache_of() { printf '%s/cache/%s.aot\n' "$DIST" "$1"; }
# Named after the program: a JVM that ends late would else leave its classes to the next program, which takes them for its own.
dump_of() { printf '%s/tmp/%s/classes-%s.aot\n' "$ATOLL_HOME" "$1" "$(basename "$DIST")"; }

# cache_flags ROLE: sets CACHE_FLAGS: use the archive, or make it.
cache_flags() {
  if [ -r "$(cache_of "$1")" ]; then
    CACHE_FLAGS=("-XX:AOTCache=$(cache_of "$1")" -Xlog:disable)
  elif [ -e "$DIST/cache/none" ]; then
    CACHE_FLAGS=()
  else
    CACHE_FLAGS=("-XX:AOTCacheOutput=$(dump_of "$1")" -Xlog:disable)
  fi
}

# Takes over what ended roles dumped; a role's user wrote it, and it is used for the same role only.
caches_collect() {
  local role
  for role in node server edge; do
    find "$ATOLL_HOME/tmp/$role" -name 'classes*.aot' ! -name "$(basename "$(dump_of "$role")")" -delete 2>/dev/null || true
    if [ -e "$(cache_of "$role")" ] || [ ! -s "$(dump_of "$role")" ]; then continue; fi
    mkdir -p "$DIST/cache"
    install -m 0644 "$(dump_of "$role")" "$(cache_of "$role").partial"
    mv -f "$(cache_of "$role").partial" "$(cache_of "$role")"
    rm -f "$(dump_of "$role")"
  done
}

# The key of what comes and goes at a start: one of test mode, where nobody finds that among his own things.
start_up_key() {
  local key
  if [ ! -s "$ATOLL_HOME/start-up.key" ]; then
    key=$(run_tool server server com.atoll.server.MintCommand start-up 2>>"$ATOLL_HOME/logs/setup.log") || return 1
    printf '%s\n' "$key" | tail -n 1 | write_file "$ATOLL_HOME/start-up.key" 600
  fi
  cat "$ATOLL_HOME/start-up.key"
}

# One that a start which is cut off leaves behind ends by itself.
START_UP_SANDBOX='{"size":"xs","persistent":false,"timeout_sec":600}'

# exercise ROUNDS COMMANDS: so many sandboxes come, run so many commands, and go. Sets REFUSED to why one did not come.
exercise() {
  local key answer id round
  REFUSED=
  key=$(start_up_key) || return
  for ((round = 1; round <= $1; round++)); do
    answer=$(as_start_up "$key" -X POST -d "$START_UP_SANDBOX" "$(api_url)/sandboxes") || return
    if ! id=$(json_get id <<<"$answer"); then
      printf 'a sandbox of the start: %s\n' "$answer" >>"$ATOLL_HOME/logs/setup.log"
      REFUSED=$(json_get message <<<"$answer" || true)
      # Where somebody revoked the key, the next start makes another.
      [ "$(json_get code <<<"$answer")" != UNAUTHORIZED ] || rm -f "$ATOLL_HOME/start-up.key"
      return 1
    fi
    # One connection, many requests; the parameter is only curl's way to repeat.
    as_start_up "$key" -X POST -d '{"command":"true"}' "$(api_url)/sandboxes/$id/exec?round=[1-$2]" >/dev/null || return
    as_start_up "$key" -o /dev/null -X DELETE "$(api_url)/sandboxes/$id" || return
  done
}

# exercise_crowd SANDBOXES: so many come at once, run a command, and go: who waits for the others does so for the first time here.
exercise_crowd() {
  local key ids folder
  local -a at_once=(-Z --parallel-immediate --parallel-max "$1")
  key=$(start_up_key) || return
  folder=$(mktemp -d -p "$ATOLL_HOME/tmp")
  as_start_up "$key" "${at_once[@]}" -X POST -d "$START_UP_SANDBOX" -o "$folder/#1" "$(api_url)/sandboxes?round=[1-$1]" || true
  ids=$(cat "$folder"/* | ids_of) || true
  rm -rf "$folder"
  [ -n "$ids" ] || return
  as_start_up "$key" "${at_once[@]}" -X POST -d '{"command":"true"}' -o /dev/null "$(api_url)/sandboxes/{$ids}/exec" || true
  as_start_up "$key" "${at_once[@]}" -o /dev/null -X DELETE "$(api_url)/sandboxes/{$ids}"
}

# as_start_up KEY CURL-ARGUMENT…
as_start_up() {
  fetch -K <(with_key "$1") --max-time 60 -H 'Content-Type: application/json' "${@:2}" 2>>"$ATOLL_HOME/logs/setup.log"
}

# The first sandboxes after a start take many times as long as later ones: who waits for the start meets them no more.
warm_up() {
  local crowd
  # What was restored is somebody's: nothing comes and goes in it by itself.
  [ ! -e "$DIST/cache/restored" ] || return 0
  exercise "$WARM_UP_ROUNDS" "$WARM_UP_COMMANDS" || {
    say "  a sandbox of the start did not come and go${REFUSED:+ ($REFUSED)}, see logs/setup.log: the first ones will be slower"
    return 0
  }
  for ((crowd = 1; crowd <= WARM_UP_CROWDS; crowd++)); do exercise_crowd "$CROWD" || return 0; done
  pool_rests
}

# Waits until no machine was added to the pool for 0.8 s, at most 10 s: the crowds have emptied it.
pool_rests() {
  local ready=-1 now since deadline
  since=$(now_ms) deadline=$((since + 10000))
  while [ "$(now_ms)" -lt "$deadline" ] && [ $(($(now_ms) - since)) -lt 800 ]; do
    now=$(admin_fetch --max-time 5 "$(api_url)/sandbox-templates/miosa-sandbox" 2>/dev/null | json_get warm) || return 0
    [ "$now" = "$ready" ] || since=$(now_ms)
    ready=$now
    sleep 0.2
  done
}

caches_are_there() { [ -e "$DIST/cache/none" ] || [ -e "$(cache_of edge)" ]; }

# Once for each program, at the end of its first start and before anybody uses it: the roles start again with their caches.
# What was not dumped then is not asked for again.
caches_make() {
  # Without this the caches had what serves the start alone.
  [ -e "$DIST/cache/restored" ] || exercise 3 "$TRAINING_COMMANDS" || true
  supervisor_stop
  caches_collect
  mkdir -p "$DIST/cache"
  caches_are_there || : >"$DIST/cache/none"
  supervisor_start
  wait_ready
}
