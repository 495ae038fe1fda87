# shellcheck shell=bash
# bench NAME [--json]: a measurement against the running platform.

# Each measurement and what it tells; a test holds this list to the program's own.
BENCHES='burst      a hundred creates at once
control    what the control plane adds to a call
create     from a create to the first output of a command
egress     a request through the door out, beside a direct one
events     from a commit to the client of a stream
exec       a command in a running sandbox, beside the bare runtime
files      small files, and a large one down
fork       a snapshot under a writer, and forks of it
gateway    requests through the gateway, beside nginx
gvisor     create, command, snapshot and restore under gVisor
idle       what idle sandboxes and idle streams cost
isolation  the drivers beside each other
limiter    the limits of requests
metering   events of metering into the ledger
pause      pause and resume
stream     a gigabyte out of a command, out of a file and into one
usage      a report over ten million records
webhooks   deliveries to a receiver'

bench_help() {
  printf '%s\n\n' 'atoll bench NAME... [--json]

Measures the running platform and prints a table, or JSON. It makes sandboxes of its own and removes them;
what else runs on the machine falsifies the numbers. There are:'
  printf '%s\n' "$BENCHES" | sed 's/^/  /'
}

bench_names() { printf '%s\n' "$BENCHES" | cut -d' ' -f1; }

bench_check() {
  local word some=''
  for word in "$@"; do
    case $word in
      --json) continue ;;
      -*) die "'atoll bench' does not know '$word'" "./atoll bench --help" ;;
    esac
    bench_names | grep -qxF -e "$word" || die "there is no benchmark '$word'" "one of: $(bench_names | tr '\n' ' ')"
    some=yes
  done
  [ -n "$some" ] || die "which benchmark?" "one of: $(bench_names | tr '\n' ' ')"
}

command_bench() {
  case " $* " in *' --help '* | *' -h '*) bench_help && return 0 ;; esac
  bench_check "$@"
  need_root bench
  config_load
  need_identity
  case " $* " in *' gateway '*) packages_need "$BENCH_PACKAGES" ;; esac
  use cli
  cli_program
  cli_environment
  supervisor_is_alive || die "Atoll is not running" "./atoll up"
  java_flags bench
  # The baseline mounts over the node's images, so it runs where the node runs.
  exec nsenter --mount="$(pin)" -- "$JAVA_HOME/bin/java" "${FLAGS[@]}" -cp "$(class_path "$DIST" bench)" com.atoll.bench.Main \
    --installation "$INSTALLATION" "$@"
}
