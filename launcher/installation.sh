# shellcheck shell=bash
# $RUN/installation.json and the folders: what the processes are told about this installation.

DENIED_BY_DEFAULT='0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
  192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4'

# folders_make: with the owners and modes that the processes expect.
folders_make() {
  local group role
  group=$(group_of)
  install -d -m 0755 "$ATOLL_HOME"
  check_reachable "$ATOLL_HOME"
  install -d -m 0755 "$ATOLL_HOME/dist" "$ATOLL_HOME/tmp"
  # After a restore they are root's.
  [ ! -d "$ATOLL_HOME/releases" ] || [ "$(stat -c %g "$ATOLL_HOME/releases")" = "$group" ] ||
    chgrp -R --no-dereference "$group" "$ATOLL_HOME/releases"
  install -d -m 0750 -g "$group" "$ATOLL_HOME/logs" "$ATOLL_HOME/releases"
  install -d -m 0700 "$ATOLL_HOME/images" "$ATOLL_HOME/tmp/node"
  folder_of server 0700 "$ATOLL_HOME/secrets"
  folder_of server 0700 "$ATOLL_HOME/server"
  master_key_make
  secret_take oauth.json
  secret_take archive-keys
  folder_of edge 0755 "$ATOLL_HOME/edge"
  folder_of postgres 0700 "$ATOLL_HOME/postgres"
  for role in server edge postgres; do folder_of "$role" 0700 "$ATOLL_HOME/tmp/$role"; done
  install -d -m 0755 /run/atoll
  # Sticky: the processes make sockets here, and none removes what another one made.
  install -d -m 1771 -g "$group" "$RUN"
  install -d -m 0750 -o "$(user_of postgres)" -g "$group" "$RUN/pg"
  [ "${CONFIG[crash_points]}" = false ] || install -d -m 0777 "$RUN/crash"
}

# folder_of ROLE MODE FOLDER: the role's, with everything in it even when the role's user was made anew.
folder_of() {
  local owner
  owner=$(user_of "$1")
  [ ! -d "$3" ] || [ "$(stat -c %u "$3")" = "$owner" ] || chown -R --no-dereference "$owner:$(group_of)" "$3"
  install -d -m "$2" -o "$owner" -g "$(group_of)" "$3"
}

# Secrets at rest are sealed with keys that this one wraps.
master_key_make() {
  local file=$ATOLL_HOME/secrets/master.key
  [ ! -s "$file" ] || return 0
  head -c 32 /dev/urandom | write_file "$file" 400
  chown "$(user_of server):$(group_of)" "$file"
}

# What the owner put into the home for the server alone to read: what proves us to OAuth providers, and the
# archive keys of other installations.
secret_take() {
  local from=$ATOLL_HOME/$1 to=$ATOLL_HOME/secrets/$1
  if [ -e "$from" ]; then
    install -m 0400 -o "$(user_of server)" -g "$(group_of)" "$from" "$to"
  else
    rm -f "$to"
  fi
}

# The service users must be able to walk to the folder.
check_reachable() {
  local folder=$1
  while [ "$folder" != / ]; do
    [ $((0$(stat -c %a "$folder") & 1)) -eq 1 ] || die "the service users cannot enter $folder" \
      "chmod o+x '$folder', or choose another ATOLL_HOME"
    folder=$(dirname "$folder")
  done
}

# config_ranges KEY DEFAULT…: the configured ranges, where 'auto' stands for the defaults.
config_ranges() {
  local key=$1 item
  shift
  for item in ${CONFIG[$key]//,/ }; do
    case $item:$# in
      # No default: printf would print an empty line, which the node takes for a range.
      auto:0) ;;
      auto:*) printf '%s\n' "$@" ;;
      *) printf '%s\n' "$item" ;;
    esac
  done
}

# This machine's own addresses; link-local ones are denied anyway, and those of other installations come and go.
host_addresses() {
  ip -4 -o address show | awk '{ sub(/\/.*/, "", $4); if ($4 !~ /^(127|169\.254)\./) print $4 "/32" }' | sort -u
}

# Addresses of the package registries that a denied range covers: builds inside sandboxes need them.
registry_addresses() {
  local host address
  for host in ${CONFIG[registries]//,/ }; do
    for address in $(timeout 5 getent ahostsv4 "$host" | awk '{ print $1 }' | sort -u); do
      ! is_denied "$address" || printf '%s/32\n' "$address"
    done
  done | sort -u
}

is_denied() {
  local range
  for range in $DENIED_BY_DEFAULT; do
    ! in_range "$1" "$range" || return 0
  done
  return 1
}

in_range() {
  local bits=${2#*/}
  [ "$bits" -eq 0 ] || [ $(($(address_number "$1") >> (32 - bits))) -eq $(($(address_number "${2%/*}") >> (32 - bits))) ]
}

address_number() {
  local a b c d
  IFS=. read -r a b c d <<<"$1"
  printf '%s\n' $((a << 24 | b << 16 | c << 8 | d))
}

# The addresses that the gateway listens on.
bind_addresses() {
  if [ "${CONFIG[bind]}" != auto ]; then
    local -a list
    read -ra list <<<"${CONFIG[bind]//,/ }"
    printf '%s\n' "${list[@]}"
  else
    printf '127.0.0.1\n'
    ! grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 2>/dev/null || printf '::1\n'
  fi
}

# or_identity KEY: the configured value, else the one chosen for this machine.
or_identity() {
  case ${CONFIG[$1]} in
    auto | 0) printf '%s\n' "${IDENTITY[$1]}" ;;
    *) printf '%s\n' "${CONFIG[$1]}" ;;
  esac
}

# The record that platform/…/Installation.java reads.
installation_json() {
  local -a bind denied allowed registries webhooks
  read -ra registries <<<"${CONFIG[image_registries]//,/ }"
  mapfile -t bind < <(bind_addresses)
  # shellcheck disable=SC2046,SC2086 # lists of words
  mapfile -t denied < <(config_ranges denied_ranges $DENIED_BY_DEFAULT $(host_addresses))
  # shellcheck disable=SC2046
  mapfile -t allowed < <(config_ranges allowed_ranges $(registry_addresses))
  local ranges=${CONFIG[webhook_ranges]//,/ }
  read -ra webhooks <<<"${ranges//auto/}"
  cat <<JSON
{
  "id": "$ID",
  "home": $(json_string "$ATOLL_HOME"),
  "run": $(json_string "$RUN"),
  "dist": $(json_string "$DIST"),
  "http_port": ${CONFIG[port]},
  "tls_port": ${CONFIG[tls_port]},
  "bind": $(json_list "${bind[@]}"),
  "domain": $(json_string "${CONFIG[domain]}"),
  "link_scheme": "${CONFIG[link_scheme]}",
  "server_uid": $(user_of server),
  "edge_uid": $(user_of edge),
  "postgres_uid": $(user_of postgres),
  "gid": $(group_of),
  "address_pool": "$(or_identity address_pool)",
  "gateway_address": "${IDENTITY[gateway_address]}",
  "dns_port": ${CONFIG[dns_port]},
  "uid_base": $(or_identity uid_base),
  "uid_count": ${IDENTITY[uid_count]},
  "firewall_mark": $(or_identity firewall_mark),
  "database_url": $(if [ -n "${CONFIG[database_url]}" ]; then json_string "${CONFIG[database_url]}"; else printf null; fi),
  "warm_pool": $(warm_pool),
  "denied_ranges": $(json_list "${denied[@]}"),
  "allowed_ranges": $(json_list "${allowed[@]}"),
  "disk_image_mb": $(or_identity disk_image_mb),
  "crash_points": ${CONFIG[crash_points]},
  "image_registries": $(json_list "${registries[@]}"),
  "webhook_http": ${CONFIG[webhook_http]},
  "webhook_ranges": $(json_list "${webhooks[@]}"),
  "snapshot_archive": $(if [ -n "${CONFIG[snapshot_archive]}" ]; then json_string "${CONFIG[snapshot_archive]}"; else printf null; fi),
  "isolation": $(isolation_json),
  "spare_shell": ${CONFIG[spare_shell]},
  "domain_resolver": $(json_string "${CONFIG[domain_resolver]}"),
  "domain_proof": $(if [ "${CONFIG[domain_proof]}" = auto ]; then printf null; else printf %s "${CONFIG[domain_proof]}"; fi),
  "warm_pool_most": ${CONFIG[warm_pool_most]}
}
JSON
}

# One waiting sandbox for 240 MiB of the machine, 8 to 100: about two percent of its memory. Those of the other isolations
# weigh more.
warm_pool() {
  local number=${CONFIG[warm_pool]}
  if [ "$number" = auto ]; then
    number=8
    [ "${CONFIG[isolation_auto]}" != container ] || number=$(awk '/^MemTotal:/ { n = int($2 / 1024 / 240); print (n < 8 ? 8 : (n > 100 ? 100 : n)) }' /proc/meminfo)
  fi
  printf %s "$number"
}

# What may stand between a sandbox and the kernel (platform/…/IsolationPolicy.java).
isolation_json() {
  local -a allowed
  read -ra allowed <<<"${CONFIG[isolation]//,/ }"
  printf '{ "allowed": %s, "auto": "%s", "runsc": %s, "gvisor_warm_pool": %s, "nested_virtualization": %s, "microvm": %s, "microvm_emulation": %s }' "$(json_list "${allowed[@]}")" \
    "${CONFIG[isolation_auto]}" "$(if runsc_is_there; then json_string "$(runsc_path)"; else printf null; fi)" \
    "${CONFIG[gvisor_warm_pool]}" "${CONFIG[nested_virtualization]}" \
    "$(if microvm_is_there; then json_string "$(microvm_path)"; else printf null; fi)" "${CONFIG[microvm_emulation]}"
}

# installation_write: the file that the processes read; kept in the home too, to see what a start changed.
installation_write() {
  local group
  group=$(group_of)
  installation_json | write_file "$INSTALLATION" 640
  chgrp "$group" "$INSTALLATION"
  cp -p "$INSTALLATION" "$ATOLL_HOME/installation.json"
  ln -sfn "$DIST" "$ATOLL_HOME/dist/current"
}
