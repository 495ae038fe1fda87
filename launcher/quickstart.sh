# shellcheck shell=bash
# quickstart [--json]: the sample app, from a sandbox to a public URL, over the public API.

SAMPLE_PORT=8000
RUN_SAMPLE='/workspace/.venv/bin/python app.py'

command_quickstart() {
  local json=''
  case ${1:-} in
    '') ;;
    --json) json=yes ;;
    *) die "'atoll quickstart' knows --json only" ;;
  esac
  need_root quickstart
  config_load
  QUICKSTART_BEGAN=$(now_ms)
  declare -gA TIMINGS=()
  timed setup platform_up
  say "the sample app"
  timed create quickstart_create
  timed write quickstart_write
  timed install quickstart_install
  timed run quickstart_run
  timed preview quickstart_preview
  timed publish quickstart_publish
  timed public quickstart_public
  TIMINGS[total]=$(($(now_ms) - QUICKSTART_BEGAN))
  if [ -n "$json" ]; then quickstart_json; else quickstart_text; fi
}

# timed NAME COMMAND…: keeps how long it took.
timed() {
  local name=$1 began
  shift
  began=$(now_ms)
  "$@"
  TIMINGS[$name]=$(($(now_ms) - began))
  [ "$name" = setup ] || say "  $name: ${STEP_WORDS:-done} (${TIMINGS[$name]} ms)"
}

# call METHOD PATH [JSON]: sets ANSWER; a refusal ends the quickstart with the platform's own words.
call() {
  local method=$1 path=$2 body=${3:-} status
  local -a data=()
  [ -z "$body" ] || data=(-H 'Content-Type: application/json' --data-binary @-)
  ANSWER=$(printf '%s' "$body" | admin_fetch --max-time 300 -X "$method" "${data[@]}" -w '\n%{http_code}' "$(api_url)$path") ||
    die "$method $path: no answer" "./atoll logs"
  status=${ANSWER##*$'\n'}
  ANSWER=${ANSWER%$'\n'*}
  case $status in
    2*) ;;
    *) die "$method $path: $status $ANSWER" ;;
  esac
}

# field NAME…: the first of these that the answer has, mirrored or flat.
field() {
  local name
  for name in "$@"; do
    json_get "data.$name" <<<"$ANSWER" && return 0
    json_get "$name" <<<"$ANSWER" && return 0
  done
  die "the answer holds no $1: ${ANSWER:0:300}"
}

quickstart_create() {
  call POST /sandboxes '{"template_id":"miosa-sandbox","size":"small","metadata":{"from":"quickstart"}}'
  SANDBOX=$(field id)
  STEP_WORDS="sandbox $SANDBOX is $(field state)"
}

quickstart_write() {
  local file folder count=0
  folder=$(sample_folder)
  for file in "$folder"/*; do
    call POST "/sandboxes/$SANDBOX/fs/write" "$(printf '{"path":%s,"content_base64":"%s"}' \
      "$(json_string "/workspace/${file##*/}")" "$(base64 -w 0 "$file")")"
    count=$((count + 1))
  done
  STEP_WORDS="$count files"
}

sample_folder() {
  if [ -d "$ATOLL_ROOT/examples/hello-flask" ]; then
    printf '%s/examples/hello-flask\n' "$ATOLL_ROOT"
  else
    printf '%s/examples/hello-flask\n' "$DIST"
  fi
}

quickstart_install() {
  local code
  call POST "/sandboxes/$SANDBOX/exec" \
    '{"command":"python3 -m venv .venv && .venv/bin/pip install -q --disable-pip-version-check -r requirements.txt","timeout":240}'
  code=$(field exit_code)
  [ "$code" = 0 ] || die "pip install ended with $code: $(field stderr stdout)"
  STEP_WORDS="pip install"
}

quickstart_run() {
  call POST "/sandboxes/$SANDBOX/processes" "$(printf '{"command":%s,"name":"web","env":{"PORT":"%s"}}' \
    "$(json_string "$RUN_SAMPLE")" "$SAMPLE_PORT")"
  STEP_WORDS="process $(field pid)"
}

quickstart_preview() {
  call POST "/sandboxes/$SANDBOX/expose" "{\"port\":$SAMPLE_PORT}"
  PREVIEW_URL=$(field url preview_url public_url)
  wait_until 60 page_says_hello "$PREVIEW_URL" || die "the preview $PREVIEW_URL does not answer" "./atoll logs edge"
  STEP_WORDS=$PREVIEW_URL
}

# Whatever host the URL names, the gateway of this installation is dialed.
page_says_hello() {
  local page
  page=$(fetch -k -f --max-time 10 "$1" 2>/dev/null) || return 1
  [[ $page == *'Hello from Atoll'* ]]
}

quickstart_publish() {
  call POST "/sandboxes/$SANDBOX/deploy" "$(printf \
    '{"name":"hello-%s","run_command":%s,"port":%s,"health_check_path":"/health"}' \
    "$(new_suffix)" "$(json_string "$RUN_SAMPLE")" "$SAMPLE_PORT")"
  DEPLOYMENT=$(field deployment_id deployment.id)
  PUBLIC_URL=$(field public_url deployment.public_url url)
  STEP_WORDS="deployment $DEPLOYMENT"
}

# A name of its own for each run.
new_suffix() { od -An -N4 -tx1 /dev/urandom | tr -d ' \n'; }

quickstart_public() {
  wait_until 60 page_says_hello "$PUBLIC_URL" || die "the public URL $PUBLIC_URL does not answer" "./atoll logs edge"
  STEP_WORDS=$PUBLIC_URL
}

quickstart_text() {
  cat <<TEXT
API URL      $(api_url)
API key      $(cat "$ATOLL_HOME/admin.key")
preview URL  $PREVIEW_URL
public URL   $PUBLIC_URL
TEXT
  say "done in $(seconds_since "$QUICKSTART_BEGAN"); './atoll down' stops the platform"
}

quickstart_json() {
  local name separator=''
  printf '{"api_url":%s,"api_key":%s,"sandbox_id":%s,"preview_url":%s,"deployment_id":%s,"public_url":%s,"timings_ms":{' \
    "$(json_string "$(api_url)")" "$(json_string "$(cat "$ATOLL_HOME/admin.key")")" "$(json_string "$SANDBOX")" \
    "$(json_string "$PREVIEW_URL")" "$(json_string "$DEPLOYMENT")" "$(json_string "$PUBLIC_URL")"
  for name in setup create write install run preview publish public total; do
    printf '%s"%s":%s' "$separator" "$name" "${TIMINGS[$name]}"
    separator=,
  done
  printf '}}\n'
}
