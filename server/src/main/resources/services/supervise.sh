# Runs a command, and again when it has ended, as the policy says, ever later up to 30 s.
# $1: always, on-failure or no. $2: where to write what it is doing. $3: the command. $4: where it runs; empty where this runs.
policy=$1 state=$2 command=$3 directory=$4
runs=0 last=- child=- stopping='' delay=1
note() { # A reader sees a whole line or the one before.
  mkdir -p "${state%/*}" && printf '%s %s %s %s\n' "$1" "$runs" "$last" "$child" >"$state.new" && mv -f "$state.new" "$state"
}
trap 'stopping=1' TERM INT HUP
rm -f "$state" # What one before it wrote is no word of this one.
shell=/bin/sh
[ -x /bin/bash ] && shell=/bin/bash
while [ -z "$stopping" ]; do
  began=$(date +%s)
  ( # A directory may go and come back, as any file that the command needs.
    [ -z "$directory" ] || cd "$directory" || exit 126
    exec "$shell" -lc "$command"
  ) &
  child=$!
  # A signal is lost on a child that is not yet the program that it will be.
  while kill -0 "$child" 2>/dev/null && cmp -s "/proc/$$/cmdline" "/proc/$child/cmdline" 2>/dev/null; do :; done
  [ -n "$stopping" ] && kill -TERM "$child" 2>/dev/null
  note running
  wait "$child"
  last=$?
  # A signal ends the waiting before the child has ended.
  while kill -0 "$child" 2>/dev/null; do
    wait "$child"
    last=$?
  done
  child=-
  runs=$((runs + 1))
  [ -n "$stopping" ] && break
  case $policy in
    no) break ;;
    on-failure) [ "$last" -eq 0 ] && break ;;
  esac
  [ $(($(date +%s) - began)) -ge 60 ] && delay=1
  note waiting
  printf 'The service ended with code %s; it starts again in %s s.\n' "$last" "$delay" >&2
  sleep "$delay" &
  wait "$!"
  delay=$((delay * 2))
  [ "$delay" -gt 30 ] && delay=30
done
note ended
[ "$last" = - ] && last=0
exit "$last"
