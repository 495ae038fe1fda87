# shellcheck shell=bash
command_help() {
  cat <<'TEXT'
Atoll: an open cloud for AI agents, on your own machine.

  atoll quickstart [--json]   set up, start, and take a sample app from a sandbox to a public URL
  atoll test [--all]          set up and run every test; atoll test --help
  atoll setup                 install what this machine lacks to build and run Atoll
  atoll up | down             start or stop the platform; down leaves nothing behind but its data
  atoll status [--json]       what runs, where it answers
  atoll doctor                what this machine can do, and how to fix what is missing
  atoll logs [ROLE] [-f] [-n LINES]
  atoll org create NAME       a second organization; prints its key
  atoll upgrade               build and install this version, restart process by process
  atoll backup --to FILE [--passphrase-file F]   the whole installation into one file or bucket, while it runs
  atoll restore FILE [--passphrase-file F]       an installation of that file or bucket, on this machine or another one
  atoll archive key           what lets another installation import snapshots that this one has archived
  atoll uninstall [--purge]   off the machine; --purge removes the data too
  atoll bench NAME [--json]   measure the running platform; atoll bench --help lists the measurements
  atoll version

Everything else is a command of the platform itself (sandbox, deploy, deployments, keys, …): atoll sandbox --help

They speak to the Atoll of this machine, or with ATOLL_API_URL (--api-url) and ATOLL_API_KEY to another; then none need be here.

ATOLL_HOME chooses the installation (default /var/lib/atoll); docs/configuration.md has all settings.
TEXT
}

# Help of one of the launcher's commands; asking for it does nothing else.
command_usage() {
  case $1 in
    test | bench | backup | restore | archive)
      use "$1"
      "$1_help"
      ;;
    setup) usage 'atoll setup' 'Installs what this machine lacks to build and run Atoll: packages, a JDK, Go. Run again, it does what is left.' ;;
    up) usage 'atoll up' \
      'Starts the platform, after setting the machine up and building the program where that is needed. Changed settings' \
      'restart the processes; running sandboxes stay.' ;;
    down) usage 'atoll down' 'Stops the platform and every sandbox. Data and the files of sandboxes stay.' ;;
    status) usage 'atoll status [--json]' 'What runs and where it answers.' ;;
    doctor) usage 'atoll doctor' 'What this machine can do, and how to fix what is missing. Changes nothing.' ;;
    logs) usage 'atoll logs [postgres|node|server|edge|setup|supervise] [-f] [-n LINES]' \
      'The last lines (200) of one role, or of all.' '' \
      '  -f, --follow       go on with what comes' \
      '  -n, --lines LINES  how many' ;;
    quickstart) usage 'atoll quickstart [--json]' 'Sets up, starts, and takes a sample app from a sandbox to a public URL.' ;;
    org) usage 'atoll org create NAME' 'Makes another organization and prints the key of its administrator, once.' ;;
    upgrade) usage 'atoll upgrade' \
      'Builds this version, installs it, and restarts process by process; running sandboxes stay.' ;;
    uninstall) usage 'atoll uninstall [--purge]' \
      'Stops the platform and takes it off the machine. Its data stay in ATOLL_HOME.' '' \
      '  --purge  remove the data too: databases, sandboxes, volumes, snapshots, keys' ;;
    boot) usage 'atoll boot' 'For the supervisor: makes ready what the roles need after a boot of the machine.' ;;
    version) usage 'atoll version' 'The version of this program.' ;;
  esac
}

# usage SYNOPSIS LINE...
usage() {
  printf '%s\n' "$1" ''
  shift
  printf '%s\n' "$@"
}
