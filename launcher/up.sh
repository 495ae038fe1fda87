# shellcheck shell=bash
# up: from whatever state to a platform that answers.

command_up() {
  [ $# -eq 0 ] || die "'atoll up' takes no arguments"
  need_root up
  config_load
  platform_up
  say "Atoll answers at $(api_url)"
  say "  admin key: $ATOLL_HOME/admin.key"
}

# Everything that up does, for quickstart and test too.
platform_up() {
  local began
  began=$(now_ms)
  mkdir -p "$ATOLL_HOME"
  home_lock
  need_whole
  FROM_NOTHING=
  { identity_load && namespace_is_pinned; } || FROM_NOTHING=yes
  trap 'up_interrupted' INT TERM
  setup_machine
  say "preparing the program"
  build_and_install
  identity_make
  users_make
  folders_make
  config_persist
  say "starting Atoll in $ATOLL_HOME"
  start_or_keep
  wait_ready
  mint_admin_key
  wait_image
  image_cache_keep
  caches_are_there || step "start-up caches are made" caches_make
  [ -z "$STARTED" ] || step "warmed up" warm_up
  prune_dists
  trap - INT TERM
  home_unlock
  say "Atoll is up ($(seconds_since "$began"))"
}

# What was there before stays, with a supervisor or without one: the processes of sandboxes outlive a start of the roles.
up_interrupted() {
  trap '' INT TERM
  if [ -z "$FROM_NOTHING" ]; then
    say "interrupted: what was there before is left as it is; './atoll up' goes on from there"
    exit 130
  fi
  say "interrupted: taking down what was started"
  if identity_load; then
    use down
    platform_down || true
  fi
  exit 130
}

# Leaves running processes alone when nothing that they were told has changed. Sets STARTED: empty then.
start_or_keep() {
  local before
  STARTED=
  before=$(cat "$ATOLL_HOME/installation.json" 2>/dev/null || true)
  installation_write
  if [ "$before" = "$(cat "$INSTALLATION")" ] && supervisor_is_current && supervisor_goes_on; then
    say "  already running"
    return 0
  fi
  if supervisor_is_alive; then
    say "  the program or its configuration changed: starting again"
    supervisor_stop
  fi
  # A supervisor that was killed leaves its processes: they would hold ports and sockets.
  end_strays
  check_ports
  rm -f "$ATOLL_HOME/server/rows/refused"
  namespace_pin
  prepare_database
  image_cache_take
  supervisor_start
  STARTED=yes
}

check_ports() {
  local key holder
  for key in port tls_port; do
    holder=$(ss -Hltnp "sport = :${CONFIG[$key]}" 2>/dev/null | head -n 1)
    [ -n "$holder" ] || continue
    die "port ${CONFIG[$key]} is in use: $(sed -nE 's/.*users:\(\(//; s/\)\)//p' <<<"$holder" | tr -d '"')" \
      "stop that program, or choose another: ATOLL_${key^^}=NUMBER ./atoll up"
  done
}

prepare_database() {
  [ -z "${CONFIG[database_url]}" ] || return 0
  step "PostgreSQL is prepared" logged run_tool server postgres com.atoll.server.PrepareDatabase ||
    die "PostgreSQL could not be prepared: $(tail -n 5 "$(setup_log)")" "the whole log is in $(setup_log)"
}

mint_admin_key() {
  local key
  [ ! -s "$ATOLL_HOME/admin.key" ] || return 0
  key=$(run_tool server server com.atoll.server.MintCommand admin 2>>"$ATOLL_HOME/logs/setup.log") ||
    die "the admin key could not be made" "see $ATOLL_HOME/logs/setup.log"
  printf '%s\n' "$key" | tail -n 1 | write_file "$ATOLL_HOME/admin.key" 600
}

# The key travels in a file descriptor: argument lists can be read by everybody.
with_key() { printf 'header = "Authorization: Bearer %s"\n' "$1"; }

admin_fetch() { fetch -K <(with_key "$(cat "$ATOLL_HOME/admin.key")") "$@"; }

# The built-in template must be there before sandboxes can be made.
wait_image() {
  local answer status began deadline told='' looked=0
  began=$(now_ms)
  roles_watch
  local patience=${CONFIG[image_seconds]}
  deadline=$((began + patience * 1000))
  while :; do
    answer=$(admin_fetch --max-time 10 "$(api_url)/sandbox-templates/miosa-sandbox" 2>/dev/null || true)
    status=$(json_get data.status <<<"$answer" || json_get status <<<"$answer" || true)
    case $status in
      active | ready) break ;;
      failed | error) die "the image of sandboxes could not be built: $(json_get data.error <<<"$answer" || true)" "./atoll logs node" ;;
    esac
    if [ -z "$told" ] && [ "$(now_ms)" -gt $((began + 3000)) ]; then
      say "  building the image of sandboxes (the first time about a minute)…$(little_room)"
      told=yes
    fi
    [ "$(now_ms)" -lt "$deadline" ] || die "the image of sandboxes was not built in ${CONFIG[image_seconds]} s$(little_room)" "./atoll logs node"
    supervisor_is_alive || die "the supervisor ended" "./atoll logs"
    refuse_rows
    [ $((looked++ % 5)) -gt 0 ] || roles_check
    sleep 0.2
  done
  say "  the image of sandboxes is ready ($(seconds_since "$began"))"
}
