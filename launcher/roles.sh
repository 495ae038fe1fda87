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

# role_command ROLE: sets COMMAND to its argument list; root starts it, and it gives up what the role does not need.
role_command() {
  case $1 in
    postgres) COMMAND=("$ATOLL_HOME/postgres/bin/bin/postgres" -D "$ATOLL_HOME/postgres/data"
      -c listen_addresses= -c "unix_socket_directories=$RUN/pg") ;;
    node) role_java node com.atoll.node.NodeMain ;;
    server) role_java server com.atoll.server.ServerMain ;;
    edge) role_java edge com.atoll.edge.EdgeMain ;;
  esac
  if [ "$1" = node ]; then
    COMMAND=("$(command -v nsenter)" "--mount=$(pin)" -- "${COMMAND[@]}")
  else
    as_user "$1"
    COMMAND=("${AS_USER[@]}" "${COMMAND[@]}")
  fi
}

# as_user ROLE: sets AS_USER to the words that turn root into the role's user without any privilege; only a gateway on a
# port below 1024 keeps the one for that.
as_user() {
  AS_USER=("$(command -v setpriv)" --reuid "$(role_user "$1")" --regid "atoll-$ID" --clear-groups --no-new-privs)
  local kept=-all
  if [ "$1" = edge ] && { [ "${CONFIG[port]}" -lt 1024 ] || [ "${CONFIG[tls_port]}" -lt 1024 ]; }; then
    kept='-all,+net_bind_service'
    AS_USER+=("--ambient-caps=$kept")
  fi
  AS_USER+=("--inh-caps=$kept" "--bounding-set=$kept" --)
}

role_java() {
  cache_flags "$1"
  compiler_flags "$1"
  carrier_flags "$1"
  page_flags
  java_command "$1" "$2"
  COMMAND=("${COMMAND[0]}" "${CACHE_FLAGS[@]}" "${COMPILER_FLAGS[@]}" "${CARRIER_FLAGS[@]}" "${PAGE_FLAGS[@]}" "${COMMAND[@]:1}")
}

# compiler_flags ROLE: sets COMPILER_FLAGS. Node and server mostly wait for others; on two cores the optimizing compiler takes
# their processor for thousands of requests and gives a tenth of a millisecond back (docs/adr/0005). The gateway moves bytes.
compiler_flags() {
  case $1 in
    node | server) COMPILER_FLAGS=(-XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=0.1) ;;
    *) COMPILER_FLAGS=() ;;
  esac
}

# carrier_flags ROLE: sets CARRIER_FLAGS. A request waits a dozen times for another process; each time, carriers that look for
# work wake each other. Half as many as processors, and pollers that are threads themselves, halve that (docs/adr/0013).
carrier_flags() {
  local carriers
  carriers=$(($(nproc) / 2))
  case $1 in
    node | server) CARRIER_FLAGS=(-Djdk.pollerMode=1 "-Djdk.virtualThreadScheduler.parallelism=$((carriers > 1 ? carriers : 1))") ;;
    *) CARRIER_FLAGS=() ;;
  esac
}

# page_flags: sets PAGE_FLAGS. Heap and compiled code in large pages save a tenth of the processor time, where the kernel gives
# such pages to who asks (docs/adr/0017); where it does not, the JVM would warn.
page_flags() {
  PAGE_FLAGS=()
  if grep -qsE '\[(madvise|always)\]' /sys/kernel/mm/transparent_hugepage/enabled; then
    PAGE_FLAGS=(-XX:+UseTransparentHugePages)
  fi
}

# java_command MODULE MAIN [ROLE]: sets COMMAND.
java_command() {
  COMMAND=("$JAVA_HOME/bin/java" "-Xmx${CONFIG[${1}_memory_mb]:-256}m")
  java_flags "$1" "${3:-$1}"
  COMMAND+=("${FLAGS[@]}" -cp "$(class_path "$DIST" "$1")" "$2" --installation "$INSTALLATION")
}

# java_flags MODULE [ROLE]: sets FLAGS.
java_flags() {
  FLAGS=(-XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -XX:-UsePerfData
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
    --add-opens=java.base/sun.nio.ch=ALL-UNNAMED)
  case ${2:-} in
    node | server | edge | postgres) FLAGS+=("-Djava.io.tmpdir=$ATOLL_HOME/tmp/$2" "-XX:ErrorFile=$ATOLL_HOME/tmp/$2/crash-%p.log") ;;
  esac
}

# run_tool MODULE ROLE MAIN ARGUMENT…: a short program of the installation, as the role's user.
run_tool() {
  local module=$1 role=$2 main=$3
  shift 3
  java_command "$module" "$main" "$role"
  local -a command=("${COMMAND[@]}" "$@")
  if [ "$role" = node ]; then
    in_namespace "${command[@]}"
  else
    as_user "$role"
    env -i PATH="$PATH" LANG=C.UTF-8 HOME=/nonexistent "${AS_USER[@]}" "${command[@]}"
  fi
}
