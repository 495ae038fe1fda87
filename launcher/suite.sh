# shellcheck shell=bash
# What surrounds the stages of a test run: a home and ports of its own, the clean-up, the summary.

# Each stage, its seconds, what it needs, its tier; platform and down go around those that need an installation.
suite_stages() {
  local security=700 scenarios=2400
  [ "${SUITE_TAGS:-fast}" != all ] || security=3600 scenarios=4200
  printf '%s\n' \
    'launcher 180 nothing fast' \
    'native 400 nothing fast' \
    'java 1500 nothing fast' \
    'conformance 900 platform fast' \
    "scenarios $scenarios platform fast" \
    'gvisor 2400 platform all' \
    'microvm 3600 platform all' \
    "security $security platform fast" \
    'fuzz 1500 platform all' \
    'walk 9000 platform all' \
    'cgroup-v2 2700 platform all' \
    'bare-debian 1200 nothing all'
}

suite_begin() {
  SUITE_BEGAN=$(now_ms) SUITE_CODE=0 SUITE_PROCESS=''
  SUITE_LOGS=$ATOLL_ROOT/target/test-logs
  SUITE_RESULTS=$SUITE_LOGS/results
  SUITE_PROGRESS=''
  # Which third of the crash points the short run takes.
  SUITE_SEED=${SUITE_SEED:-$(suite_seed)}
  [ -n "$SUITE_ONLY" ] || suite_progress
  [ -n "$SUITE_RESUME" ] || rm -rf "$SUITE_LOGS"
  mkdir -p "$SUITE_LOGS"
  : >"$SUITE_RESULTS"
  SUITE_HOME=$(mktemp -d /var/lib/atoll-test.XXXXXX)
  chmod 0755 "$SUITE_HOME"
  unset ATOLL_PORT ATOLL_TLS_PORT ATOLL_BIND ATOLL_DOMAIN ATOLL_DATABASE_URL ATOLL_API_URL ATOLL_API_KEY
  SUITE_MARK=$$-$SUITE_BEGAN
  export SUITE_MARK ATOLL_HOME=$SUITE_HOME SUITE_LOGS SUITE_RESULTS SUITE_PROGRESS SUITE_TAGS SUITE_ONLY SUITE_SEED
  export ATOLL_IMAGE_CACHE=${ATOLL_IMAGE_CACHE:-/var/cache/atoll/images}
}

# What this run has behind it, for the next one to go on with: the sources and the seed, then a line for each stage that passed.
suite_progress() {
  local sources before seed=''
  git -C "$ATOLL_ROOT" rev-parse HEAD >/dev/null 2>&1 || {
    [ -z "$SUITE_RESUME" ] || die "without a commit nobody knows whether the sources are the same" "leave --resume out"
    return 0
  }
  SUITE_PROGRESS=$ATOLL_ROOT/target/test-progress-$SUITE_TAGS
  sources=$(suite_sources)
  if [ -n "$SUITE_RESUME" ]; then
    [ -e "$SUITE_PROGRESS" ] || die "there is no run of this tier to go on with" "leave --resume out"
    read -r before seed <"$SUITE_PROGRESS" || true
    [ "$before" = "$sources" ] || die "the last run of this tier was of other sources" "leave --resume out"
    SUITE_SEED=$seed
    return 0
  fi
  mkdir -p "$ATOLL_ROOT/target"
  printf '%s %s\n' "$sources" "$SUITE_SEED" >"$SUITE_PROGRESS"
}

# One digest over the commit and what is changed since.
suite_sources() {
  (
    cd "$ATOLL_ROOT" || exit
    git rev-parse HEAD
    git diff HEAD
    git ls-files -oz --exclude-standard | xargs -0r sha256sum --
  ) | sha256sum | cut -c 1-16
}

# suite_only STAGE,...: the stages to run, each on a line of SUITE_ONLY.
suite_only() {
  local name
  SUITE_ONLY=${1//,/$'\n'}
  while IFS= read -r name; do
    suite_stages | cut -d ' ' -f 1 | grep -xF -e "$name" >/dev/null \
      || die "there is no stage '$name'" "one of: $(suite_stages | awk '{ printf sep $1; sep = " " }')"
  done <<<"$SUITE_ONLY"
}

# suite_passed STAGE: whether it passed in the run that this one goes on with.
suite_passed() { [ -n "$SUITE_PROGRESS" ] && sed 1d "$SUITE_PROGRESS" | grep -e "^$1 " >/dev/null; }

# suite_part STAGE TIER: whether it has to be run.
suite_part() {
  if [ -n "$SUITE_ONLY" ]; then
    grep -xF -e "$1" <<<"$SUITE_ONLY" >/dev/null
  else
    { [ "$2" = fast ] || [ "$SUITE_TAGS" = all ]; } && ! suite_passed "$1"
  fi
}

# Follows from the commit, so that a run can be repeated; 0 where there is none.
suite_seed() {
  local commit
  commit=$(git -C "$ATOLL_ROOT" rev-parse HEAD 2>/dev/null) || commit=0
  printf '%d\n' "$((16#${commit:0:6}))"
}

# The installations that this run made: they carry its mark, and no other one is touched.
suite_installations() {
  grep -lx "suite = $SUITE_MARK" "$REGISTRY"/???? 2>/dev/null | sed 's:.*/::' || true
}

# Ends what still runs, removes every installation that the run made, prints the summary; each step has its deadline.
suite_end() {
  trap '' INT TERM HUP
  # Every step is tried, whatever the one before it said.
  set +e
  suite_end_processes
  [ "$SUITE_CODE" -ne 124 ] && [ "$SUITE_CODE" -ne 137 ] || say "the run took more than $SUITE_SECONDS s and was ended"
  suite_remove_installations
  rm -rf --one-file-system "$SUITE_HOME" || true
  suite_summary
}

# Every process of the run carries its mark in the environment, whatever group or session it went to.
suite_processes() {
  local folder
  for folder in /proc/[0-9]*; do
    ! tr '\0' '\n' 2>/dev/null <"$folder/environ" | grep -qx "SUITE_MARK=$SUITE_MARK" || printf '%s\n' "${folder#/proc/}"
  done
}

suite_end_processes() {
  local -a pids
  local signal
  for signal in TERM KILL KILL KILL KILL KILL; do
    mapfile -t pids < <(suite_processes 2>/dev/null)
    [ "${#pids[@]}" -gt 0 ] || return 0
    kill "-$signal" "${pids[@]}" 2>/dev/null || true
    wait_until 3 none_alive "${pids[@]}" || true
  done
}

suite_remove_installations() {
  local id home
  for id in $(suite_installations); do
    home=$(sed -n 's/^home = //p' "$REGISTRY/$id")
    say "removing the test installation in $home"
    if ATOLL_HOME=$home timeout --kill-after=10 150 "$ATOLL_ROOT/atoll" uninstall --purge </dev/null >"$SUITE_LOGS/uninstall-$id.log" 2>&1; then
      suite_result "clean-up-$id" 1 0 ok
    else
      tail -n 20 "$SUITE_LOGS/uninstall-$id.log" >&2
      suite_result "clean-up-$id" 0 1 FAILED
    fi
  done
}

# suite_result STAGE PASSED FAILED WORDS
suite_result() { printf '%s %s %s %s\n' "$1" "$2" "$3" "$4" >>"$SUITE_RESULTS"; }

# The commit, and whether it is that alone.
suite_commit() {
  local commit
  commit=$(git -C "$ATOLL_ROOT" rev-parse --short HEAD 2>/dev/null) || commit='no commit'
  [ -z "$(git -C "$ATOLL_ROOT" status --porcelain 2>/dev/null)" ] || commit+=' and changes'
  printf '%s\n' "$commit"
}

suite_summary() {
  local stage passed failed words all_passed=0 all_failed=0
  printf '\n%-16s %8s %8s  %s\n' stage passed failed result
  while read -r stage passed failed words; do
    printf '%-16s %8s %8s  %s\n' "$stage" "$passed" "$failed" "$words"
    all_passed=$((all_passed + passed)) all_failed=$((all_failed + failed))
  done <"$SUITE_RESULTS"
  if [ "$SUITE_CODE" -ne 0 ] && [ "$all_failed" -eq 0 ]; then all_failed=1; fi
  printf 'in %s, of %s, seed %s, logs in %s\n' "$(seconds_since "$SUITE_BEGAN")" "$(suite_commit)" "$SUITE_SEED" "$SUITE_LOGS"
  printf '%s passed, %s failed\n' "$all_passed" "$all_failed"
  if [ "$all_failed" -ne 0 ]; then
    [ -z "$SUITE_PROGRESS" ] || say "what passed is not run again with: ./atoll test$([ "$SUITE_TAGS" = fast ] || echo ' --all') --resume"
    exit 1
  fi
  [ -z "$SUITE_PROGRESS" ] || rm -f "$SUITE_PROGRESS"
  exit 0
}
