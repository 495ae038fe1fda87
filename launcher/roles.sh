# shellcheck shell=bash
# The roles of an installation: what runs, as whom, with which flags.

# Roles in the order in which they start; they stop in the other one.
roles() {
  [ -n "${CONFIG[database_url]}" ] || printf 'postgres\n'
  printf 'node\nserver\nedge\n'
}

role_user() {
  case $1 in
    node) printf 'root\n' ;;
    *) printf 'atoll-%s-%s\n' "$ID" "$1" ;;
  esac
}

# role_command ROLE: sets COMMAND to its argument list.
role_command() {
  case $1 in
    postgres) postgres_command ;;
    node) java_command node com.atoll.node.NodeMain ;;
    server) java_command server com.atoll.server.ServerMain ;;
    edge) java_command edge com.atoll.edge.EdgeMain ;;
  esac
}

postgres_command() {
  COMMAND=("$ATOLL_HOME/postgres/bin/bin/postgres" -D "$ATOLL_HOME/postgres/data"
    -c listen_addresses= -c "unix_socket_directories=$RUN/pg")
}

# java_command MODULE MAIN: sets COMMAND.
java_command() {
  COMMAND=("$JAVA_HOME/bin/java" "-Xmx${CONFIG[${1}_memory_mb]:-256}m")
  java_flags "$1"
  COMMAND+=("${FLAGS[@]}" -cp "$(class_path "$DIST" "$1")" "$2" --installation "$INSTALLATION")
}

# java_flags MODULE: sets FLAGS, shared by a role's process and by the making of its start-up cache.
java_flags() {
  FLAGS=(-XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -XX:-UsePerfData
    "-Djava.io.tmpdir=$ATOLL_HOME/tmp/$1" -Dfile.encoding=UTF-8 -Djava.net.preferIPv4Stack=false
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
    --add-opens=java.base/sun.nio.ch=ALL-UNNAMED)
  [ ! -r "$DIST/cache/$1.jsa" ] || FLAGS+=("-XX:SharedArchiveFile=$DIST/cache/$1.jsa" -Xshare:auto)
}

# run_tool MODULE ROLE MAIN ARGUMENT…: a short program of the installation, as the role's user.
run_tool() {
  local module=$1 role=$2 main=$3
  shift 3
  java_command "$module" "$main"
  local -a command=("${COMMAND[@]}" "$@")
  if [ "$role" = node ]; then
    in_namespace "${command[@]}"
  else
    setpriv --reuid "$(role_user "$role")" --regid "atoll-$ID" --clear-groups --no-new-privs -- \
      env -i PATH="$PATH" LANG=C.UTF-8 HOME=/nonexistent "${command[@]}"
  fi
}
