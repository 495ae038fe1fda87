# shellcheck shell=bash
# Where systemd is process 1: units made from deploy/, named after the installation.

UNITS=${ATOLL_UNITS:-/etc/systemd/system}

unit_of() { printf 'atoll-%s-%s.service\n' "$ID" "$1"; }
target_of() { printf 'atoll-%s.target\n' "$ID"; }

# systemd_quote WORD: one word of an ExecStart line.
systemd_quote() {
  local word=$1
  word=${word//\\/\\\\}
  word=${word//\"/\\\"}
  word=${word//%/%%}
  word=${word//\$/\$\$}
  printf '"%s" ' "$word"
}

# fill TEMPLATE NAME=VALUE…: the template with every @NAME@ replaced.
fill() {
  local text pair
  text=$(cat "$DIST/deploy/$1")
  shift
  for pair in "$@"; do text=${text//"@${pair%%=*}@"/"${pair#*=}"}; done
  printf '%s\n' "$text"
}

units_write() {
  local role word line
  local common=("HOME=$ATOLL_HOME" "TARGET=$(target_of)" "PREPARE=$(unit_of prepare)")
  fill atoll.target "${common[@]}" "ROLES=$(for role in $(roles); do unit_of "$role" | tr '\n' ' '; done)" |
    write_file "$UNITS/$(target_of)" 644
  fill atoll-prepare.service "${common[@]}" "LAUNCHER=$(systemd_quote "$DIST/atoll")" |
    write_file "$UNITS/$(unit_of prepare)" 644
  for role in $(roles); do
    role_command "$role"
    line=$(for word in "${COMMAND[@]}"; do systemd_quote "$word"; done)
    fill atoll-role.service "${common[@]}" "ROLE=$role" "COMMAND=$line" \
      "SIGNAL=$(role_signal "$role")" "LOG=$ATOLL_HOME/logs/$role.log" | write_file "$UNITS/$(unit_of "$role")" 644
  done
  rotation_write
  systemctl daemon-reload
}

rotation_write() {
  [ -d /etc/logrotate.d ] || return 0
  printf '"%s/logs/"*.log {\n  size %sM\n  rotate %s\n  copytruncate\n  compress\n  missingok\n}\n' \
    "$ATOLL_HOME" "${CONFIG[log_file_mb]}" "${CONFIG[log_files]}" | write_file "/etc/logrotate.d/atoll-$ID" 644
}

units_remove() {
  rm -f "/etc/logrotate.d/atoll-$ID"
  compgen -G "$UNITS/atoll-$ID*" >/dev/null || return 0
  systemctl disable "$(target_of)" >/dev/null 2>&1 || true
  rm -f "$UNITS/atoll-$ID.target" "$UNITS/atoll-$ID-"*.service
  systemctl daemon-reload
}
