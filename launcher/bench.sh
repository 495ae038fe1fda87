# shellcheck shell=bash
# bench NAME [--json]: a measurement against the running platform.

command_bench() {
  need_root bench
  config_load
  need_identity
  [ "${1:-}" != gateway ] || packages_need "$BENCH_PACKAGES"
  use cli
  cli_program
  cli_environment
  supervisor_is_alive || die "Atoll is not running" "./atoll up"
  java_flags bench
  # The baseline mounts over the node's images, so it runs where the node runs.
  exec nsenter --mount="$(pin)" -- "$JAVA_HOME/bin/java" "${FLAGS[@]}" -cp "$(class_path "$DIST" bench)" com.atoll.bench.Main \
    --installation "$INSTALLATION" "$@"
}
