# Runs cells of bash in one shell; the protocol is that of kernel.py. An interrupt ends the cell.
exec 8>&1 9>&2
__number=0 __nonce=
__end() {
  printf '\x1e%s\x1e' "$__nonce" >&9
  printf '\x1e%s %s\x1e' "$__nonce" "$(printf '{"ok":%s,"number":%d,"result":%d}' "$([ "$1" -eq 0 ] && echo true || echo false)" \
    "$__number" "$1" | base64 -w 0)" >&8
  __nonce=
}
trap '__status=$?; [ -z "$__nonce" ] || __end "$__status"' EXIT
trap ':' INT
while IFS=' ' read -r __nonce __cell __timeout __env <&3; do
  __number=$((__number + 1))
  __text=$(base64 -d <<<"$__cell")
  trap 'return 130' INT
  . /dev/fd/4 4<<<"$__text" 3<&- </dev/null >&8 2>&9
  __status=$?
  trap ':' INT
  __end "$__status"
done
