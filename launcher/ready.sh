# shellcheck shell=bash
# When a role answers.

# The address of the gateway that this launcher dials.
gateway_address() {
  local -a addresses
  # All of them: where SIGPIPE is ignored, whoever writes to a closed pipe complains.
  mapfile -t addresses < <(bind_addresses)
  case ${addresses[0]} in
    0.0.0.0) printf '127.0.0.1\n' ;;
    ::) printf '[::1]\n' ;;
    *:*) printf '[%s]\n' "${addresses[0]}" ;;
    *) printf '%s\n' "${addresses[0]}" ;;
  esac
}

api_url() {
  local port=:${CONFIG[port]}
  [ "$port" != :80 ] || port=
  printf 'http://%s%s/api/v1\n' "${CONFIG[domain]}" "$port"
}

# fetch CURL-ARGUMENT…: dials the gateway whatever host the URL names.
fetch() {
  curl -sS --noproxy '*' --connect-to "::$(gateway_address):${CONFIG[port]}" "$@"
}

# Whether somebody accepts on that Unix socket: curl says 7 when nobody does.
socket_accepts() {
  local code=0
  [ -S "$1" ] || return 1
  curl -s --max-time 0.3 -o /dev/null --unix-socket "$1" http://localhost/ 2>/dev/null || code=$?
  [ "$code" -ne 7 ]
}

# answers CURL-ARGUMENT…: an answer that is no fault of the platform.
answers() {
  local code
  code=$(curl -s --max-time 2 -o /dev/null -w '%{http_code}' "$@" 2>/dev/null) || return 1
  [ "$code" -ge 200 ] && [ "$code" -lt 500 ]
}

role_is_ready() {
  case $1 in
    postgres) socket_accepts "$RUN/pg/.s.PGSQL.5432" ;;
    node) socket_accepts "$RUN/node.sock" && socket_accepts "$RUN/streams.sock" ;;
    server) answers --noproxy '*' --unix-socket "$RUN/server.sock" http://localhost/api/v1/health ;;
    edge) answers --noproxy '*' --connect-to "::$(gateway_address):${CONFIG[port]}" "$(api_url)/health" ;;
  esac
}

database_answers() { answers --noproxy '*' --unix-socket "$RUN/server.sock" http://localhost/api/v1/readyz; }

# A restore left rows that the server cannot put into its database, however often it tries.
refuse_rows() {
  local reason=$ATOLL_HOME/server/rows/refused
  [ ! -s "$reason" ] || die "the backup was not restored: $(head -n 1 "$reason")" \
    "./atoll down, name an empty database as database_url in $ATOLL_HOME/atoll.conf or none at all, ./atoll up"
}

role_fails() {
  tail -n 15 "$ATOLL_HOME/logs/$1.log" >&2 || true
  die "$1 $2$(little_room)" "./atoll logs $1"
}

# How little is free on the disk, where nothing new is made for that (HomeVolume.java); else nothing.
little_room() {
  local free
  free=$(df --output=avail -m "$ATOLL_HOME" | tail -n 1)
  [ "$free" -ge 512 ] || printf ' (only %d MiB are free for %s)' "$free" "$ATOLL_HOME"
}

declare -gA ENDS=()

# Counts from here how often each role ends.
roles_watch() {
  local role
  for role in $(roles); do ENDS[$role]=$(role_ends "$role"); done
}

# Fails when one ends again and again: what is waited for will not come.
roles_check() {
  local role
  for role in $(roles); do
    [ $(($(role_ends "$role") - ENDS[$role])) -lt 5 ] || role_fails "$role" 'ends as soon as it is started'
  done
}

# Waits for every role, saying how long each took.
wait_ready() {
  local role began deadline looked
  began=$(now_ms)
  roles_watch
  for role in $(roles); do
    deadline=$(($(now_ms) + 90000))
    looked=0
    until role_is_ready "$role"; do
      supervisor_is_alive || die "the supervisor ended" "./atoll logs"
      refuse_rows
      # A restore left rows: the server answers when they are in the database, however many they are.
      [ ! -e "$ATOLL_HOME/server/rows/index.json" ] || deadline=$(($(now_ms) + 90000))
      [ "$(now_ms)" -le "$deadline" ] || role_fails "$role" 'did not become ready in 90 s'
      [ $((looked++ % 20)) -gt 0 ] || roles_check
      sleep 0.05
    done
    say "  $role is ready ($(seconds_since "$began"))"
  done
  # The server answers before it has reached the database, which may be on another machine.
  deadline=$(($(now_ms) + 30000)) looked=0
  until database_answers; do
    [ "$(now_ms)" -le "$deadline" ] || {
      say "  the database does not answer yet$(little_room); until it does, requests get 503"
      break
    }
    [ $((looked++ % 20)) -gt 0 ] || roles_check
    sleep 0.05
  done
}
