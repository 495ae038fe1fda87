# shellcheck shell=bash
# status [--json]: what runs, where it answers.

command_status() {
  [ $# -le 1 ] || die "'atoll status' knows --json only"
  config_load
  need_identity
  case ${1:-} in
    '') status_text ;;
    --json) status_json ;;
    *) die "'atoll status' knows --json only" ;;
  esac
}

# ready, starting or down, of one role.
role_state() {
  if role_is_ready "$1"; then
    printf 'ready\n'
  elif [ -n "$(role_pid "$1")" ]; then
    printf 'starting\n'
  else
    printf 'down\n'
  fi
}

status_text() {
  local role
  printf 'Atoll %s in %s (id %s)\n' "$(installed_version)" "$ATOLL_HOME" "$ID"
  printf '  API        %s\n' "$(api_url)"
  for role in $(roles); do
    printf '  %-10s %s %s\n' "$role" "$(role_state "$role")" "$(role_pid "$role" | sed 's/^/pid /')"
  done
}

status_json() {
  local role separator='' running=true
  for role in $(roles); do role_is_ready "$role" || running=false; done
  printf '{"api_url":%s,"running":%s,"id":"%s","home":%s,"run":%s,"version":%s,"dist":%s,' \
    "$(json_string "$(api_url)")" "$running" "$ID" "$(json_string "$ATOLL_HOME")" "$(json_string "$RUN")" \
    "$(json_string "$(installed_version)")" "$(json_string "$(installed_dist)")"
  printf '"http_port":%s,"tls_port":%s,"bind":%s,"domain":%s,"ca_certificate":%s,"admin_key_file":%s,' \
    "${CONFIG[port]}" "${CONFIG[tls_port]}" "$(bind_json)" "$(json_string "${CONFIG[domain]}")" \
    "$(json_string "$ATOLL_HOME/edge/ca/ca.pem")" "$(json_string "$ATOLL_HOME/admin.key")"
  printf '"supervisor":"%s","pids":{' "$(supervisor_kind)"
  for role in $(roles); do
    printf '%s"%s":%s' "$separator" "$role" "$(role_pid "$role" | grep . || printf null)"
    separator=,
  done
  printf '},"versions":{"atoll":%s,"java":%s,"kernel":%s,"crun":%s}}\n' "$(json_string "$(installed_version)")" \
    "$(json_string "$(java_version)")" "$(json_string "$(uname -r)")" \
    "$(json_string "$(crun --version 2>/dev/null | sed -n 's/^crun version //p')")"
}

bind_json() {
  local -a bind
  mapfile -t bind < <(bind_addresses)
  json_list "${bind[@]}"
}

installed_dist() {
  readlink "$ATOLL_HOME/dist/current" || true
}

installed_version() {
  local dist
  dist=$(installed_dist)
  if [ -r "$dist/version" ]; then cat "$dist/version"; else program_version; fi
}

java_version() {
  find_java || return 0
  sed -nE 's/^JAVA_VERSION="(.*)"/\1/p' "$JAVA_HOME/release"
}
