# shellcheck shell=bash
# archive key | archive ticket FOLDER ORGANIZATION SNAPSHOT: what snapshots need to come here from elsewhere.

archive_help() {
  cat <<'TEXT'
atoll archive key
    prints the archive key of this installation. Whoever has it can open all snapshots that this installation
    has archived. As a line of the file archive-keys in the home of another installation (chmod 600, taken over
    at 'atoll up'), it lets that one import them with tickets.

atoll archive ticket FOLDER ORGANIZATION SNAPSHOT
    prints a ticket for a snapshot in the archive, for 'atoll snapshots import'. FOLDER is that of its
    installation in the archive, whose key must be in archive-keys here; ORGANIZATION is the id that the
    snapshot's organization had there. For when that installation is no more; as long as it is,
    'atoll snapshots ticket' there is simpler.

docs/archive.md says more.
TEXT
}

command_archive() {
  case ${1:-} in
    key) [ $# -eq 1 ] || die "usage: atoll archive key" ;;
    ticket)
      [ $# -eq 4 ] || die "usage: atoll archive ticket FOLDER ORGANIZATION SNAPSHOT"
      [[ $2 =~ ^[0-9a-f]{16}$ ]] || die "'$2' is not the folder of an installation in the archive"
      [[ $3 =~ ^[a-z0-9_-]{1,64}$ ]] || die "'$3' is not the id of an organization"
      [[ $4 =~ ^[a-z0-9_-]{1,64}$ ]] || die "'$4' is not the id of a snapshot"
      ;;
    --help | -h | '') archive_help && return 0 ;;
    *) die "'atoll archive' does not know '$1'" "./atoll archive --help" ;;
  esac
  need_root "archive $1"
  config_load
  need_identity
  [ -r "$INSTALLATION" ] || die "Atoll is not running" "./atoll up"
  find_java || die "no JDK 25 was found" "./atoll setup"
  DIST=$(json_get dist <"$INSTALLATION")
  run_tool server server com.atoll.server.ArchiveCommand "$@"
}
