# shellcheck shell=bash
# $ATOLL_HOME/atoll.conf and the environment: one table of keys, with type and default (docs/configuration.md).

ATOLL_HOME=${ATOLL_HOME:-/var/lib/atoll}
case $ATOLL_HOME in
  /*) ;;
  *) ATOLL_HOME=$PWD/$ATOLL_HOME ;;
esac
export ATOLL_HOME

# key, type with its least and largest value where it has them, default
CONFIG_TABLE='
port            port        7080
tls_port        port        7443
bind            addresses   auto
domain          domain      localhost
link_scheme     scheme      http
database_url    jdbc
warm_pool       count:0-10000 auto
warm_pool_most  number:0-10000 100
disk_image_mb   number      0
address_pool    pool        auto
uid_base        uids        0
firewall_mark   number      0
dns_port        port:1-65532 5311
denied_ranges   ranges      auto
allowed_ranges  ranges      auto
registries      hosts       pypi.org files.pythonhosted.org registry.npmjs.org deb.debian.org repo.maven.apache.org proxy.golang.org
image_registries registries docker.io ghcr.io quay.io public.ecr.aws mcr.microsoft.com registry.k8s.io gcr.io
image_cache     path
image_seconds   number:1-86400 900
supervisor      supervisor  auto
isolation       isolations  container
isolation_auto  isolation
gvisor_warm_pool number:0-10000 1
nested_virtualization flag  false
microvm_emulation flag      false
server_memory_mb number:128-1048576 512
edge_memory_mb number:128-1048576 384
node_memory_mb number:128-1048576 384
log_file_mb     number:1-65536 16
log_files       number:1-1000 4
spare_shell     flag        true
webhook_http    flag        false
webhook_ranges  ranges
domain_resolver resolver
domain_proof    proof       auto
snapshot_archive archive
crash_points    flag        false
'

# The user ids of a sandbox are a range of 134,217,728; below are accounts, above is the id that means none.
UIDS_LEAST=65536
UIDS_LARGEST=4160749567

declare -gA CONFIG=() CONFIG_TYPE=()
# What the doctor has to say of it: each with its fix.
CONFIG_PROBLEMS=()
while read -r config_key config_type config_value; do
  [ -n "$config_key" ] || continue
  CONFIG[$config_key]=$config_value
  CONFIG_TYPE[$config_key]=$config_type
done <<<"$CONFIG_TABLE"
unset config_key config_type config_value

CONFIG_ENVIRONMENT='ATOLL_PORT=port ATOLL_TLS_PORT=tls_port ATOLL_BIND=bind ATOLL_DOMAIN=domain
  ATOLL_DATABASE_URL=database_url ATOLL_IMAGE_CACHE=image_cache ATOLL_IMAGE_SECONDS=image_seconds
  ATOLL_ISOLATION=isolation'

config_file() { printf '%s/atoll.conf\n' "$ATOLL_HOME"; }

# Reads file and environment into CONFIG; the environment wins.
config_load() {
  local pair name key
  [ ! -r "$(config_file)" ] || config_read "$(config_file)"
  for pair in $CONFIG_ENVIRONMENT; do
    name=${pair%%=*} key=${pair#*=}
    [ -n "${!name:-}" ] || continue
    config_set "$key" "${!name}" "$name"
  done
  [ "${CONFIG[port]}" != "${CONFIG[tls_port]}" ] || config_refuse "port and tls_port are both ${CONFIG[port]}" \
    "give tls_port (ATOLL_TLS_PORT) another number"
  [ -n "${CONFIG[isolation_auto]}" ] || CONFIG[isolation_auto]=$(first_isolation)
  allows_isolation "${CONFIG[isolation_auto]}" || config_refuse "isolation_auto is ${CONFIG[isolation_auto]}, which isolation does not allow" \
    "set isolation_auto in $(config_file) to one of: ${CONFIG[isolation]}"
}

# allows_isolation NAME: whether sandboxes may have it.
allows_isolation() { [[ " ${CONFIG[isolation]//,/ } " == *" $1 "* ]]; }

# What sandboxes get that ask for none, when the owner does not say.
first_isolation() {
  if allows_isolation container; then
    echo container
  else
    local -a allowed
    read -ra allowed <<<"${CONFIG[isolation]//,/ }"
    printf '%s\n' "${allowed[0]:-}"
  fi
}

config_read() {
  local file=$1 line key number=0
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    [[ $line != '#'* ]] || line=
    line=$(trim "${line%%[[:space:]]#*}")
    [ -n "$line" ] || continue
    [[ $line == *=* ]] || die "$file, line $number: expected 'key = value'"
    key=$(trim "${line%%=*}")
    [ -n "${CONFIG_TYPE[$key]:-}" ] || die "$file, line $number: unknown key '$key'" \
      "did you mean '$(nearest_key "$key")'? docs/configuration.md lists all keys"
    config_set "$key" "$(trim "${line#*=}")" "$file, line $number"
  done <"$file"
}

# config_set KEY VALUE WHERE: checked against the key's type.
config_set() {
  local key=$1 value=$2 where=$3 problem
  problem=$(config_problem "${CONFIG_TYPE[$key]}" "$value")
  [ -z "$problem" ] || config_refuse "$where: $key: $problem" "$(config_hint "$key")"
  CONFIG[$key]=$value
}

# config_refuse MESSAGE FIX: what only stops or looks at an installation goes on with it as it is.
config_refuse() {
  case ${CONFIG_COMMAND:-} in
    down | uninstall | status | logs | backup) say "$1" ;;
    doctor) CONFIG_PROBLEMS+=("$1" "$2") ;;
    *) die "$1" "$2" ;;
  esac
}

# What of an installation that runs already has such a value must be stopped by it.
config_hint() {
  case $1 in
    address_pool | uid_base) echo "where an installation runs with it: ./atoll down, and then another value" ;;
    *) echo "docs/configuration.md says what it takes" ;;
  esac
}

# What is wrong with a value of that type; nothing when it is right.
config_problem() {
  local type=${1%:*} value=$2 item least=0 largest=4294967295
  [[ $type != port ]] || least=1 largest=65535
  [[ $1 != *:* ]] || { least=${1#*:} largest=${least#*-} least=${least%-*}; }
  case $type in
    port) is_number "$value" "$least" "$largest" || echo "'$value' is not a port ($least to $largest)" ;;
    number) is_number "$value" "$least" "$largest" || echo "'$value' is not a number from $least to $largest" ;;
    count) [[ $value == auto ]] || is_number "$value" "$least" "$largest" || echo "'$value' is not auto or a number from $least to $largest" ;;
    uids) [[ $value == 0 ]] || is_number "$value" "$UIDS_LEAST" "$UIDS_LARGEST" ||
      echo "'$value' is neither 0 nor from $UIDS_LEAST to $UIDS_LARGEST: the ids below are the machine's own" ;;
    flag) [[ $value =~ ^(true|false)$ ]] || echo "'$value' is neither true nor false" ;;
    proof) [[ $value =~ ^(auto|true|false)$ ]] || echo "'$value' is not auto, true or false" ;;
    scheme) [[ $value =~ ^https?$ ]] || echo "'$value' is neither http nor https" ;;
    supervisor) [[ $value =~ ^(auto|systemd|builtin)$ ]] || echo "'$value' is not auto, systemd or builtin" ;;
    domain) is_host "$value" || echo "'$value' is not a domain name" ;;
    path) [[ -z $value || $value =~ ^/[^[:cntrl:]]*$ ]] || echo "'$value' is not an absolute path" ;;
    archive) [[ -z $value || $value =~ ^/[^[:cntrl:]]*$ || $value =~ ^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?$ ]] ||
      echo "'$value' is neither an absolute path nor s3://bucket/prefix" ;;
    pool) [[ $value == auto ]] || { is_range "$value" && [[ $value == *.0.0/16 ]] && is_private "$value"; } ||
      echo "'$value' is not a private /16 network like 10.9.0.0/16" ;;
    jdbc) [[ -z $value || $value =~ ^jdbc:postgresql:[^[:cntrl:]]+$ ]] || echo "'$value' is not a JDBC URL like jdbc:postgresql://host/database" ;;
    addresses)
      [ -n "${value//[, ]/}" ] || echo "at least one IP address, or auto"
      [ "$value" = auto ] || for item in ${value//,/ }; do
        is_address "$item" || echo "'$item' is not an IP address"
      done
      ;;
    ranges)
      for item in ${value//,/ }; do
        [ "$item" = auto ] || is_range "$item" || echo "'$item' is not an IPv4 range like 10.0.0.0/8"
      done
      ;;
    isolation) is_isolation "$value" || echo "'$value' is neither container, gvisor nor microvm" ;;
    isolations)
      [ -n "${value//[, ]/}" ] || echo "at least one of container, gvisor and microvm"
      for item in ${value//,/ }; do
        is_isolation "$item" || echo "'$item' is neither container, gvisor nor microvm"
      done
      ;;
    resolver)
      [[ -z $value ]] || { is_ipv4 "${value%:*}" && [[ $value == *:* ]] && is_number "${value##*:}" 1 65535; } \
        || echo "'$value' is not an IPv4 address with a port, like 192.0.2.1:53"
      ;;
    registries)
      for item in ${value//,/ }; do
        is_host "${item%%:*}" && { [[ $item != *:* ]] || is_number "${item#*:}" 1 65535; } || echo "'$item' is not a host name with or without a port"
      done
      ;;
    hosts)
      for item in ${value//,/ }; do
        is_host "$item" || echo "'$item' is not a host name"
      done
      ;;
  esac
}

is_number() { [[ $1 =~ ^(0|[1-9][0-9]{0,9})$ ]] && [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }
is_host() { [[ ${#1} -le 253 && $1 =~ ^[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9][a-z0-9-]{0,62})*$ ]]; }
is_isolation() { [[ $1 =~ ^(container|gvisor|microvm)$ ]]; }
is_ipv4() {
  local part
  [[ $1 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || return 1
  for part in ${1//./ }; do [ "$((10#$part))" -le 255 ] || return 1; done
}
# RFC 4291, section 2.2, forms 1 and 2.
is_ipv6() {
  local group rest=$1 groups=0
  [[ $1 =~ ^[0-9a-fA-F:]+$ && $1 != *:::* && $1 != *::*::* ]] || return 1
  [[ $1 != :* || $1 == ::* ]] && [[ $1 != *: || $1 == *:: ]] || return 1
  for group in ${rest//:/ }; do
    [ "${#group}" -le 4 ] || return 1
    groups=$((groups + 1))
  done
  if [[ $1 == *::* ]]; then [ "$groups" -le 7 ]; else [ "$groups" -eq 8 ]; fi
}
is_address() { is_ipv4 "$1" || is_ipv6 "$1"; }
# RFC 1918, RFC 6598, RFC 2544.
is_private() { [[ $1 =~ ^(10\.|172\.(1[6-9]|2[0-9]|3[01])\.|192\.168\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|198\.1[89]\.) ]]; }
is_range() { is_ipv4 "${1%/*}" && [[ $1 == */* ]] && is_number "${1#*/}" 0 32; }

trim() {
  local text=$1
  text=${text#"${text%%[![:space:]]*}"}
  printf '%s' "${text%"${text##*[![:space:]]}"}"
}

# The known key with the fewest edits between it and this word.
nearest_key() {
  local key distance best=99 found=
  for key in "${!CONFIG_TYPE[@]}"; do
    distance=$(edits "$1" "$key")
    if [ "$distance" -lt "$best" ]; then best=$distance found=$key; fi
  done
  printf '%s\n' "$found"
}

# Levenshtein distance of two words.
edits() {
  local left=${1:0:40} right=$2 i j cost above diagonal
  local -a row=()
  for ((j = 0; j <= ${#right}; j++)); do row[j]=$j; done
  for ((i = 1; i <= ${#left}; i++)); do
    diagonal=${row[0]} row[0]=$i
    for ((j = 1; j <= ${#right}; j++)); do
      above=${row[j]} cost=1
      [ "${left:i-1:1}" != "${right:j-1:1}" ] || cost=0
      row[j]=$((diagonal + cost))
      [ $((above + 1)) -ge "${row[j]}" ] || row[j]=$((above + 1))
      [ $((row[j - 1] + 1)) -ge "${row[j]}" ] || row[j]=$((row[j - 1] + 1))
      diagonal=$above
    done
  done
  printf '%s\n' "${row[${#right}]}"
}

# Keeps what the environment chose, so that later commands agree with this one.
config_persist() {
  local pair name key file
  file=$(config_file)
  [ -e "$file" ] || printf '# Atoll: docs/configuration.md describes every key.\n' | write_file "$file" 644
  for pair in $CONFIG_ENVIRONMENT; do
    name=${pair%%=*} key=${pair#*=}
    [ -z "${!name:-}" ] || config_store "$key" "${CONFIG[$key]}"
  done
}

# config_store KEY VALUE: replaces the key's line or adds one.
config_store() {
  local file line key found='' mode=644
  file=$(config_file)
  # A database's URL may hold a password.
  if [ "$1" = database_url ] || grep -q '^ *database_url' "$file"; then mode=600; fi
  {
    while IFS= read -r line || [ -n "$line" ]; do
      key=$(trim "${line%%=*}")
      if [[ $line == *=* && $key == "$1" ]]; then
        [ -n "$found" ] || printf '%s = %s\n' "$1" "$2"
        found=yes
      else
        printf '%s\n' "$line"
      fi
    done <"$file"
    [ -n "$found" ] || printf '%s = %s\n' "$1" "$2"
  } | write_file "$file" "$mode"
}
