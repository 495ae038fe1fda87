# shellcheck shell=bash
# What is this installation's own on this machine: id, users, address pool, user ids, mark. Chosen once, kept in
# $ATOLL_HOME/identity, and written to /etc/atoll/installations so that no other installation chooses the same.

REGISTRY=${ATOLL_REGISTRY:-/etc/atoll/installations}
UID_FIRST=1900019712
UID_LAST=4200000000
# 2,048 sandboxes at a time, with 65,536 ids each.
UID_COUNT=134217728
# What an installation has whose identity is older than this number.
UID_COUNT_BEFORE=16777216

declare -gA IDENTITY=()

# Reads the identity of an installation that exists, or fails.
identity_load() {
  local key value
  [ -r "$ATOLL_HOME/identity" ] || return 1
  while IFS='=' read -r key value; do IDENTITY[$(trim "$key")]=$(trim "$value"); done <"$ATOLL_HOME/identity"
  : "${IDENTITY[uid_count]:=$UID_COUNT_BEFORE}"
  ID=${IDENTITY[id]}
  [[ $ID =~ ^[a-z][a-z2-7]{3}$ ]] || die "$ATOLL_HOME/identity names no valid id"
  RUN=/run/atoll/$ID
  INSTALLATION=$RUN/installation.json
}

need_identity() {
  identity_load || die "there is no installation in $ATOLL_HOME" "./atoll up, or set ATOLL_HOME to the one you mean"
  refuse_copy
}

# A copied home has the identity of the one it was copied from: what is done here would be done to that one.
refuse_copy() {
  local other
  other=$(registered_home)
  if [ -z "$other" ] || [ "$other" -ef "$ATOLL_HOME" ]; then return 0; fi
  ! grep -qsx "id = $ID" "$other/identity" || die "$ATOLL_HOME is a copy of the installation $ID in $other" \
    "set ATOLL_HOME to $other, or remove $ATOLL_HOME/identity: then the copy gets one of its own at './atoll up'"
}

# The home that is registered for this id; nothing when none is.
registered_home() { sed -n 's/^home = //p' "$REGISTRY/$ID" 2>/dev/null || true; }

# Chooses what is not chosen yet, one installation at a time.
identity_make() {
  mkdir -p "$REGISTRY"
  exec 7>"$REGISTRY/.lock"
  flock 7
  if identity_load; then
    refuse_copy
    [ -e "$REGISTRY/$ID" ] || identity_renew
    # Where the home was moved, it is registered under its new name.
    [ "$(registered_home)" -ef "$ATOLL_HOME" ] || identity_register
  else
    IDENTITY[id]=$(choose_id)
    identity_choose_number
    identity_choose_uids
    IDENTITY[disk_image_mb]=$(choose_disk_image_mb)
    identity_write "$ATOLL_HOME/identity"
    identity_load
    identity_register
  fi
  exec 7>&-
}

identity_choose_number() {
  local number
  number=$(choose_number)
  IDENTITY[number]=$number
  IDENTITY[address_pool]=10.$number.0.0/16
  IDENTITY[gateway_address]=169.254.$number.1
  IDENTITY[firewall_mark]=$((0xA7000 + number))
}

identity_choose_uids() {
  IDENTITY[uid_base]=$(choose_uid_base)
  IDENTITY[uid_count]=$UID_COUNT
}

# While it was uninstalled, others may have been given what it had. Files on disk have no ids of that range.
identity_renew() {
  local changed=''
  if registered number | grep -qx "${IDENTITY[number]}"; then
    identity_choose_number
    changed=yes
  fi
  if uids_overlap "${IDENTITY[uid_base]}" "${IDENTITY[uid_count]}"; then
    identity_choose_uids
    changed=yes
  fi
  [ -z "$changed" ] || identity_write "$ATOLL_HOME/identity"
}

identity_write() {
  local key
  for key in id number address_pool gateway_address firewall_mark uid_base uid_count disk_image_mb; do
    printf '%s = %s\n' "$key" "${IDENTITY[$key]}"
  done | write_file "$1" 644
}

identity_register() {
  {
    printf 'home = %s\n' "$ATOLL_HOME"
    cat "$ATOLL_HOME/identity"
    # A test run finds its installations by this mark.
    [ -z "${SUITE_MARK:-}" ] || printf 'suite = %s\n' "$SUITE_MARK"
  } | write_file "$REGISTRY/$ID" 644
}

# Every value that registered installations have for a key.
registered() {
  cat "$REGISTRY"/???? 2>/dev/null | sed -nE "s/^$1 = //p"
}

# Four letters or digits from the home's path; another draw when they are taken.
choose_id() {
  local alphabet=abcdefghijklmnopqrstuvwxyz234567 draw=0 hash number id
  while :; do
    hash=$(printf '%s/%s' "$ATOLL_HOME" "$draw" | sha256sum)
    number=$((16#${hash:0:6}))
    id=${alphabet:number%26:1}
    number=$((number / 26))
    id+=${alphabet:number&31:1}${alphabet:number>>5&31:1}${alphabet:number>>10&31:1}
    [ -e "$REGISTRY/$id" ] || break
    draw=$((draw + 1))
  done
  printf '%s\n' "$id"
}

# A number n whose networks 10.n.0.0/16 and 169.254.n.1 nobody on this machine uses.
choose_number() {
  local used number start hash
  used=" $(registered number | tr '\n' ' ') $(numbers_in_use | tr '\n' ' ') 169 170 "
  hash=$(printf '%s' "$ATOLL_HOME" | sha256sum)
  start=$((16#${hash:0:4}))
  for ((number = start; number < start + 252; number++)); do
    [[ $used != *" $((number % 252 + 2)) "* ]] || continue
    printf '%s\n' $((number % 252 + 2))
    return 0
  done
  die "every network 10.n.0.0/16 is in use on this machine" "set address_pool in $(config_file)"
}

# The n of every 10.n.x.x and 169.254.n.x that addresses and routes of this machine touch.
numbers_in_use() {
  { ip -4 route show table all; ip -4 -o address; } |
    grep -Eo '\b(10\.[0-9]+\.[0-9]+\.[0-9]+|169\.254\.[0-9]+\.[0-9]+)(/[0-9]+)?' |
    while read -r found; do numbers_of "$found"; done | sort -un
}

numbers_of() {
  local bits=32 second third count=1
  [[ $1 != */* ]] || bits=${1#*/}
  IFS=. read -r _ second third _ <<<"${1%/*}"
  [[ $1 != 169.* ]] || second=$third bits=$((bits - 8))
  [ "$bits" -ge 16 ] || count=$((1 << (16 - (bits < 8 ? 8 : bits))))
  seq "$second" $((second + count - 1))
}

# A range of host user ids that neither /etc/subuid, /etc/subgid nor another installation has a part of.
choose_uid_base() {
  local base
  for ((base = UID_FIRST; base + UID_COUNT < UID_LAST; base += UID_COUNT)); do
    ! uids_overlap "$base" "$UID_COUNT" || continue
    printf '%s\n' "$base"
    return 0
  done
  die "no free range of $UID_COUNT user ids was found" "set uid_base in $(config_file)"
}

# uids_overlap FIRST COUNT
uids_overlap() {
  { cat /etc/subuid /etc/subgid 2>/dev/null | cut -d: -f2,3; registered_uids; } |
    awk -F: -v low="$1" -v high="$(($1 + $2))" '$1 < high && $1 + $2 > low { found = 1 } END { exit !found }'
}

# FIRST:COUNT of every registered installation.
registered_uids() {
  local file
  for file in "$REGISTRY"/????; do
    [ ! -r "$file" ] || sed -nE 's/^uid_(base|count) = /\1 /p' "$file" |
      awk -v count="$UID_COUNT_BEFORE" '$1 == "base" { base = $2 } $1 == "count" { count = $2 } END { print base ":" count }'
  done
}

# The tree store's image may grow to this size: 60 % of what is free, at most 64 GiB.
choose_disk_image_mb() {
  local free
  free=$(df --output=avail -m "$ATOLL_HOME" | tail -n 1)
  free=$((free * 6 / 10))
  [ "$free" -le 65536 ] || free=65536
  printf '%s\n' "$free"
}

# The users of the three unprivileged processes and the group that may open the sockets.
users_make() {
  local role
  getent group "atoll-$ID" >/dev/null || groupadd --system "atoll-$ID"
  for role in server edge postgres; do
    getent passwd "atoll-$ID-$role" >/dev/null || useradd --system --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin --gid "atoll-$ID" --comment "Atoll $role" "atoll-$ID-$role"
  done
}

users_remove() {
  local role
  for role in server edge postgres; do
    ! getent passwd "atoll-$ID-$role" >/dev/null || userdel "atoll-$ID-$role"
  done
  ! getent group "atoll-$ID" >/dev/null || groupdel "atoll-$ID"
}

user_of() { id -u "atoll-$ID-$1"; }
group_of() { getent group "atoll-$ID" | cut -d : -f 3; }
