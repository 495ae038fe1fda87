# shellcheck shell=bash
# backup --to FILE: a running installation into one file or bucket.
use passphrase
use bucket

backup_help() {
  cat <<'TEXT'
atoll backup --to FILE [--passphrase-file F | --without-secrets] [--logical] [--s3-settings F]

Writes the whole installation into FILE while it runs: database, files of sandboxes, volumes, snapshots,
releases, images, settings. All of it is of one moment, at which the platform stands still for a fraction of
a second; what it acknowledges later is not in it. 'atoll restore FILE' makes an installation of it again.

  --to FILE            a file that does not exist yet; it appears once it is whole. - is stdout; s3://BUCKET/PREFIX
                       is the object atoll.backup below a prefix of a bucket, which appears once it is whole, too
  --logical            keeps the database as rows in place of PostgreSQL's files: for a restore into another major
                       version of PostgreSQL. Always so when database_url names an external one
  --s3-settings F      how the S3 service is reached, as for archived snapshots; snapshot-archive.json in the home
                       without it
  --passphrase-file F  the first line of F seals the secrets: the master key, the admin key, the gateway's
                       certificate authority, OAuth clients. Without it you are asked
  --without-secrets    leaves them out. What is sealed with the master key (environments of sandboxes, stored
                       secrets and tokens, webhook secrets, second factors, SSH keys) is then lost after a
                       restore, unless you keep secrets/master.key elsewhere and put it back

The database inside holds your customers' data whether secrets are in it or not: keep FILE where only you
can read it. docs/backup.md says more.
TEXT
}

command_backup() {
  local to='' passphrase_file='' without='' logical='' s3_settings=$ATOLL_HOME/snapshot-archive.json
  while [ $# -gt 0 ]; do
    case $1 in
      --to | --passphrase-file | --s3-settings)
        [ $# -ge 2 ] || die "$1 wants a value" "./atoll backup --help"
        case $1 in
          --to) to=$2 ;;
          --s3-settings) s3_settings=$2 ;;
          *) passphrase_file=$2 ;;
        esac
        shift 2
        ;;
      --without-secrets) without=yes && shift ;;
      --logical) logical=yes && shift ;;
      --help | -h) backup_help && return 0 ;;
      *) die "'atoll backup' does not know '$1'" "./atoll backup --help" ;;
    esac
  done
  [ -n "$to" ] || die "where to?" "./atoll backup --to FILE"
  [ -z "$without" ] || [ -z "$passphrase_file" ] || die "--without-secrets and --passphrase-file exclude each other"
  case $to in
    s3://*) s3_need "$to" "$s3_settings" ;;
    -) ;;
    [a-z]*://*) die "'$to' is no file" "./atoll backup --to FILE" ;;
  esac
  need_root backup
  config_load
  need_identity
  need_whole
  [ -z "${CONFIG[database_url]}" ] || logical=yes
  supervisor_is_alive || die "Atoll is not running: a backup is made of a running installation" "./atoll up"
  find_java || die "no JDK 25 was found" "./atoll setup"
  packages_need 'zstd:zstd'
  DIST=$(json_get dist <"$INSTALLATION")
  is_s3 "$to" || [ "$to" = - ] || [ ! -e "$to" ] || die "$to exists" "name a file that does not exist"
  if [ "$to" = - ] && [ -t 1 ]; then die "a backup is not for a terminal" "./atoll backup --to FILE"; fi
  backup_passphrase "$passphrase_file" "$without"
  say "backing up $ATOLL_HOME"
  local began
  began=$(now_ms)
  is_s3 "$to" || [ "$to" = - ] || to=$(realpath -m "$to")
  with_passphrase backup_run "$to" "$s3_settings" "$logical" || exit 1
  [ -n "$PASSPHRASE" ] || backup_warn
  if is_s3 "$to"; then
    say "backed up to $to ($(seconds_since "$began"))"
  elif [ "$to" = - ]; then
    say "backed up ($(seconds_since "$began"))"
  else
    say "backed up to $to, $(($(stat -c %s "$to") / 1048576)) MiB ($(seconds_since "$began"))"
  fi
}

# Sets PASSPHRASE; empty when the secrets stay out.
backup_passphrase() {
  local first
  if [ -n "$2" ]; then return 0; fi
  if [ -n "$1" ]; then
    passphrase_take "$1"
    return 0
  fi
  passphrase_ask "Passphrase for the secrets (none: they stay out)"
  first=$PASSPHRASE
  [ -z "$first" ] || passphrase_ask "Once more"
  [ "$first" = "$PASSPHRASE" ] || die "the two passphrases differ"
}

backup_warn() {
  say "  without a passphrase, the secrets are not in it: after a restore, what is sealed with the master key cannot be opened"
  say "  (environments of sandboxes, stored secrets and tokens, webhook secrets, second factors, SSH keys), unless you keep"
  say "  $ATOLL_HOME/secrets/master.key elsewhere; the admin key and the gateway's authority are made anew"
}

backup_run() {
  local -a session program
  java_command server com.atoll.server.HoldDatabase
  as_user server
  session=("${AS_USER[@]}" "${COMMAND[@]}")
  passphrase_option
  java_command node com.atoll.node.backup.BackupProgram
  program=("${COMMAND[@]}" --to "$1" --s3-settings "$2" "${PASSPHRASE_OPTION[@]}")
  [ -z "$3" ] || program+=(--logical yes)
  in_namespace "${program[@]}" -- "${session[@]}"
}
