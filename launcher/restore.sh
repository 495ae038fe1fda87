# shellcheck shell=bash
# restore FILE: an installation of what 'atoll backup' wrote.
use passphrase
use bucket

restore_help() {
  cat <<'TEXT'
atoll restore FILE [--passphrase-file F | --without-secrets] [--force] [--s3-settings F]

Makes an installation in ATOLL_HOME of what 'atoll backup' wrote; then 'atoll up' starts it. All of FILE is
checked before anything is touched. Sandboxes that ran are there with their files and start when they are
asked for; the installation gets user ids, addresses and an id of its own on this machine.

  --passphrase-file F  the first line of F opens the secrets. Without it you are asked
  --without-secrets    leaves the secrets in FILE
  --s3-settings F      FILE may be s3://BUCKET/PREFIX: F says how that service is reached; snapshot-archive.json in
                       the home without it
  --force              an installation that is in ATOLL_HOME already is moved aside, to a folder
                       before-restore-TIME in it; Atoll must be down

A restore that is cut off leaves a home that 'atoll up' refuses; the next restore begins it anew.
TEXT
}

command_restore() {
  local file='' passphrase_file='' without='' force='' s3_settings=$ATOLL_HOME/snapshot-archive.json needed
  while [ $# -gt 0 ]; do
    case $1 in
      --passphrase-file | --s3-settings)
        [ $# -ge 2 ] || die "$1 wants a value" "./atoll restore --help"
        if [ "$1" = --s3-settings ]; then s3_settings=$2; else passphrase_file=$2; fi
        shift 2
        ;;
      --without-secrets) without=yes && shift ;;
      --force) force=yes && shift ;;
      --help | -h) restore_help && return 0 ;;
      -*) die "'atoll restore' does not know '$1'" "./atoll restore --help" ;;
      *)
        [ -z "$file" ] || die "'atoll restore' takes one file" "./atoll restore --help"
        file=$1
        shift
        ;;
    esac
  done
  [ -n "$file" ] || die "from which file?" "./atoll restore FILE"
  [ -z "$without" ] || [ -z "$passphrase_file" ] || die "--without-secrets and --passphrase-file exclude each other"
  if is_s3 "$file"; then
    s3_need "$file" "$s3_settings"
  else
    [ -f "$file" ] && [ -r "$file" ] || die "there is no file $file"
    file=$(realpath "$file")
  fi
  need_root restore
  config_load
  mkdir -p "$ATOLL_HOME"
  check_reachable "$ATOLL_HOME"
  home_lock
  restore_check_home "$force"
  setup_machine
  build_and_install
  restore_passphrase "$file" "$passphrase_file" "$without"
  # What says how to reach the bucket may be moved aside, and is replaced by that of the backup.
  restore_keep_s3 "$s3_settings"
  say "reading $file"
  needed=$(with_passphrase restore_program verify "$file" "$without") || exit 1
  if identity_load; then restore_move_aside; fi
  say "restoring into $ATOLL_HOME"
  restore_keep_settings
  : >"$(restoring)"
  sync "$ATOLL_HOME"
  restore_wipe
  with_passphrase restore_program extract "$file" "$without" "$needed" || die "the home is not whole; nothing starts in it" \
    "./atoll restore again, which begins anew"
  restore_settings
  mkdir -p "$DIST/cache"
  : >"$DIST/cache/restored"
  # Everything is on disk before the mark goes.
  sync -f "$ATOLL_HOME"
  rm -f "$(restoring)"
  sync "$ATOLL_HOME"
  home_unlock
  say "restored; ./atoll up starts it"
}

# What is an installation is not overwritten; what a cut-off restore left is.
restore_check_home() {
  local name
  [ ! -e "$(restoring)" ] || return 0
  ! identity_load || ! supervisor_is_alive || die "Atoll is running in $ATOLL_HOME" "./atoll down"
  if identity_load && [ -n "$(stray_pids)" ]; then die "processes of Atoll are running in $ATOLL_HOME" "./atoll down"; fi
  # A tear-down that was interrupted: what is mounted would be moved aside, and be used again by the next start.
  if identity_load && { [ -e "$RUN" ] || [ -n "$(left_of_home)" ]; }; then
    die "not all of Atoll is down in $ATOLL_HOME" "./atoll down"
  fi
  [ -z "$1" ] || return 0
  for name in identity postgres trees trees.img secrets node; do
    [ ! -e "$ATOLL_HOME/$name" ] || die "there is an installation in $ATOLL_HOME" \
      "choose another ATOLL_HOME, or --force, which moves it aside"
  done
}

# Sets S3_SETTINGS: the file, wherever it is moved meanwhile.
restore_keep_s3() {
  local open
  S3_SETTINGS=/dev/null
  [ -r "$1" ] || return 0
  exec {open}<"$1"
  S3_SETTINGS=/dev/fd/$open
}

# Sets PASSPHRASE when the backup has secrets that are wanted.
restore_passphrase() {
  [ -z "$3" ] || return 0
  if [ -n "$2" ]; then
    passphrase_take "$2"
  elif is_s3 "$1"; then
    passphrase_ask "Passphrase of the backup (none: it has no secrets)"
  elif head -c 4096 "$1" | head -n 1 | grep -aq '"sealing":{'; then
    passphrase_ask "Passphrase of the backup"
  fi
}

# restore_program DO FILE WITHOUT [MIB]: in a mount namespace of its own, so that nothing stays mounted, whatever ends it.
restore_program() {
  local -a options=(--do "$1" --file "$2" --s3-settings "$S3_SETTINGS" --home "$ATOLL_HOME" --image-mb "$(restore_image_mb "${4:-0}")")
  [ -z "$3" ] || options+=(--leave-secrets yes)
  passphrase_option
  java_flags node
  unshare --mount --propagation private -- "$JAVA_HOME/bin/java" -Xmx512m "${FLAGS[@]}" -cp "$(class_path "$DIST" node)" \
    com.atoll.node.backup.RestoreProgram "${options[@]}" "${PASSPHRASE_OPTION[@]}"
}

restore_image_mb() {
  local size=${CONFIG[disk_image_mb]}
  [ "$size" -gt 0 ] || size=$(choose_disk_image_mb)
  [ "$size" -ge "$1" ] || size=$1
  printf '%s\n' "$size"
}

# Everything but what belongs to the machine: the program, the identity, and what was moved aside before.
restore_move_aside() {
  local aside entry
  [ ! -e "$(restoring)" ] || return 0
  aside=$ATOLL_HOME/before-restore-$(date -u +%Y%m%dT%H%M%SZ)
  mkdir -m 0700 "$aside"
  for entry in "$ATOLL_HOME"/*; do
    case ${entry##*/} in
      dist | tmp | identity | before-restore-*) ;;
      *) mv "$entry" "$aside/" ;;
    esac
  done
  say "  the installation that was there is in $aside"
}

# A configuration that was prepared here is not lost; that of the backup counts.
restore_keep_settings() {
  local file
  file=$(config_file)
  if [ -e "$(restoring)" ] || [ ! -e "$file" ]; then return 0; fi
  mv "$file" "$file.before-restore"
  say "  the configuration that was there is $file.before-restore"
}

# What an earlier, cut-off restore put there.
restore_wipe() {
  local name folder
  if [ "$(stat -fc %T "$ATOLL_HOME")" = btrfs ] && [ -d "$ATOLL_HOME/trees" ]; then
    find "$ATOLL_HOME/trees" -depth -type d -inum 256 -print0 2>/dev/null |
      while IFS= read -r -d '' folder; do btrfs subvolume delete "$folder" >/dev/null 2>&1 || true; done
  fi
  for name in postgres trees trees.img trees.img.new restoring secrets node images releases edge server admin.key oauth.json archive-keys \
    atoll.conf prices.json hosts authorities.pem; do
    rm -rf --one-file-system "${ATOLL_HOME:?}/$name"
  done
}

# What the owner had chosen for the other machine's network and users is chosen anew here.
restore_settings() {
  local file key
  file=$(config_file)
  [ -e "$file" ] || return 0
  for key in address_pool uid_base firewall_mark; do
    if restore_comment "$file" "$key"; then say "  $key is chosen anew: the old value is a comment in $file"; fi
  done
  # That database may still be in use by the installation that was backed up.
  if restore_comment "$file" database_url; then
    say "  the database is Atoll's own now: the old database_url is a comment in $file. Name an empty one there before"
    say "  ./atoll up to restore into that"
  fi
  # So may that archive: with the master key both would have the same folder in it, and each remove what the other keeps there.
  if restore_comment "$file" snapshot_archive; then
    say "  snapshots are not archived: the old snapshot_archive is a comment in $file. Set it again before ./atoll up only"
    say "  if the installation that was backed up never runs again (docs/backup.md)"
  fi
}

# restore_comment FILE KEY
restore_comment() {
  grep -q "^ *$2 *=" "$1" || return 1
  sed -i "s/^ *$2 *=/# of the machine that was backed up: &/" "$1"
}
