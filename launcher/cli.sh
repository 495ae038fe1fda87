# shellcheck shell=bash
# Commands of the platform: the CLI, a client of the public API like any other.

command_cli() {
  config_load
  cli_program
  cli_environment
  java_flags cli
  exec "$JAVA_HOME/bin/java" "${FLAGS[@]}" -XX:TieredStopAtLevel=1 -cp "$(class_path "$DIST" cli)" com.atoll.cli.Main "$@"
}

# Sets DIST to the program that is installed.
cli_program() {
  find_java || die "no JDK 25 was found" "./atoll setup"
  if is_installed_program; then
    DIST=$ATOLL_ROOT
  else
    DIST=$(readlink "$ATOLL_HOME/dist/current") || die "Atoll is not installed in $ATOLL_HOME" "./atoll up"
  fi
  [ -r "$DIST/classpath/cli" ] || die "Atoll is not installed in $ATOLL_HOME" "./atoll up"
}

# This installation's API and key unless others are named.
cli_environment() {
  export ATOLL_API_URL=${ATOLL_API_URL:-$(api_url)}
  if [ -z "${ATOLL_API_KEY:-}" ] && [ -r "$ATOLL_HOME/admin.key" ]; then
    ATOLL_API_KEY=$(cat "$ATOLL_HOME/admin.key")
    export ATOLL_API_KEY
  fi
  ATOLL_GATEWAY=$(gateway_address):${CONFIG[port]}
  export ATOLL_GATEWAY
}
