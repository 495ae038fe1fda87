# shellcheck shell=bash
# Commands of the platform: the CLI, a client of the public API like any other.

command_cli() {
  fill_descriptors
  config_load
  cli_program "$@"
  cli_environment "$@"
  java_flags cli
  exec "$JAVA_HOME/bin/java" "${FLAGS[@]}" -XX:TieredStopAtLevel=1 -cp "$(class_path "$DIST" cli)" com.atoll.cli.Main "$@"
}

# The next file that a program opens gets the number of a standard stream that its caller has closed: it would be
# read as the input, or be written over. What is written to a closed output fails as before.
fill_descriptors() {
  [ -e /dev/fd/0 ] || exec 0</dev/null
  [ -e /dev/fd/1 ] || exec 1</dev/null
  [ -e /dev/fd/2 ] || exec 2>/dev/null
}

# cli_program ARGUMENT…: sets DIST to the program that is installed, or to the command line alone.
cli_program() {
  find_java || die "no JDK 25 was found" "./atoll setup"
  if is_installed_program; then
    DIST=$ATOLL_ROOT
  else
    DIST=$(readlink "$ATOLL_HOME/dist/current") || DIST=
  fi
  [ ! -r "$DIST/classpath/cli" ] || return 0
  names_api "$@" || die "Atoll is not installed in $ATOLL_HOME" \
    "./atoll up, or name an API elsewhere: --api-url or ATOLL_API_URL"
  client_install
}

# names_api ARGUMENT…: whether the caller says which API is meant.
names_api() { [ -n "$(named_api "$@")" ]; }

# named_api ARGUMENT…: the API that the caller names, if any; the last one counts.
named_api() {
  local url=${ATOLL_API_URL:-} next='' word
  for word in "$@"; do
    if [ -n "$next" ]; then
      url=$word next=''
      continue
    fi
    case $word in
      --) break ;;
      --api-url) next=1 ;;
      --api-url=*) url=${word#*=} ;;
    esac
  done
  printf '%s' "$url"
}

CLIENT='mvnw pom.xml .mvn model platform cli'

# The command line of these sources, for this user; what it was before is thrown away. Sets DIST.
client_install() {
  local home=${XDG_CACHE_HOME:-$HOME/.cache}/atoll/client
  # shellcheck disable=SC2086 # a list of words
  DIST=$home/$(digest_of $CLIENT)
  [ ! -e "$DIST/complete" ] || return 0
  say "nothing is installed in $ATOLL_HOME: the command line alone is built, once"
  mkdir -p "$ATOLL_ROOT/target"
  exec 8>"$ATOLL_ROOT/target/.build.lock"
  flock 8
  step "built the command line" build_java cli
  rm -rf "$home"
  mkdir -p "$DIST"/{lib,classpath}
  install_module "$DIST" cli
  : >"$DIST/complete"
  exec 8>&-
}

# This installation's API and key unless others are named.
cli_environment() {
  local own named
  own=$(api_url) named=$(named_api "$@")
  export ATOLL_API_URL=${ATOLL_API_URL:-$own}
  # The key of this installation is told to no other one.
  if [ -z "${ATOLL_API_KEY:-}" ] && [ "${named:-$own}" = "$own" ] && [ -r "$ATOLL_HOME/admin.key" ]; then
    ATOLL_API_KEY=$(cat "$ATOLL_HOME/admin.key")
    export ATOLL_API_KEY
  fi
  ATOLL_GATEWAY=$(gateway_address):${CONFIG[port]}
  export ATOLL_GATEWAY
}
