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
