# shellcheck shell=bash
# Words to the person at the terminal, and the few primitives that every part uses.

export LC_ALL=C.UTF-8
umask 022
HOME=${HOME:-/root}
export HOME

# Reads parts of the launcher, each once.
use() {
  local part
  for part in "$@"; do
    # shellcheck source=/dev/null
    . "$ATOLL_ROOT/launcher/$part.sh"
  done
}

# Progress goes to stderr: stdout belongs to the answer.
say() { printf '%s\n' "$*" >&2; }

# die MESSAGE [FIX]
die() {
  printf 'atoll: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  fix: %s\n' "$2" >&2
  exit 1
}

now_ms() {
  local now=${EPOCHREALTIME/[.,]/}
  printf '%s\n' "${now%???}"
}

# seconds_since MS: the time since then as a person reads it.
seconds_since() {
  local spent=$(($(now_ms) - $1))
  printf '%d.%d s\n' $((spent / 1000)) $((spent % 1000 / 100))
}

# step WORDS COMMAND…: runs it and says how long it took.
step() {
  local words=$1 began
  shift
  began=$(now_ms)
  "$@" || return
  say "  $words ($(seconds_since "$began"))"
}

need_root() {
  [ "$(id -u)" -eq 0 ] || die "'atoll $1' needs root: it makes users, mounts and network namespaces" \
    "sudo ./atoll $1"
}

# json_string TEXT: TEXT as a JSON string.
json_string() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  text=${text//$'\t'/\\t}
  text=${text//$'\r'/\\r}
  printf '"%s"' "$text"
}

# json_list ITEM…: a JSON list of strings.
json_list() {
  local item separator=
  printf '['
  for item in "$@"; do
    printf '%s' "$separator"
    json_string "$item"
    separator=,
  done
  printf ']'
}

# json_get PATH: the value at a dotted path of the JSON document on stdin; nothing when it is not there.
json_get() {
  "$(python)" -c '
import json, sys
try:
    value = json.load(sys.stdin)
    for name in sys.argv[1].split("."):
        value = value[int(name)] if isinstance(value, list) else value[name]
except (ValueError, KeyError, IndexError, TypeError):
    sys.exit(1)
if value is None:
    sys.exit(1)
print(value if isinstance(value, str) else json.dumps(value))
' "$1"
}

# ids_of: the ids of the answers on standard input, with commas between.
ids_of() {
  "$(python)" -c '
import json, sys
read, text, ids = json.JSONDecoder().raw_decode, sys.stdin.read().strip(), []
while text:
    answer, end = read(text)
    ids += [answer["id"]] if "id" in answer else []
    text = text[end:].lstrip()
print(",".join(ids))
'
}

python() {
  if [ -x /usr/bin/python3 ]; then printf '/usr/bin/python3\n'; else command -v python3; fi
}

# write_file PATH MODE: stdin becomes the file, whole or not at all.
write_file() {
  local partial
  partial=$(mktemp "$1.XXXXXX")
  cat >"$partial"
  chmod "$2" "$partial"
  mv -f "$partial" "$1"
}

# wait_until SECONDS COMMAND…: until it succeeds; fails after that time.
wait_until() {
  local deadline=$(($(now_ms) + $1 * 1000))
  shift
  until "$@"; do
    [ "$(now_ms)" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}
