# shellcheck shell=bash
use suite test

# A clone with the launcher of this one and stages that only say how they ended: as the file of their name says, or well.
a_clone_with_scripted_stages() {
  local name
  clone=$ATOLL_HOME/clone ends=$ATOLL_HOME/ends
  mkdir -p "$clone" "$ends"
  cp -R "$ATOLL_ROOT/launcher" "$ATOLL_ROOT/atoll" "$clone"
  printf 'target/\n' >"$clone/.gitignore"
  for name in platform down $(suite_stages | cut -d ' ' -f 1); do
    # shellcheck disable=SC2016 # for the stage itself
    printf 'echo "%s: 1 passed, 0 failed"\n[ ! -e "%s" ]\n' "$name" "$ends/$name" >"$clone/launcher/test/stages/$name.sh"
  done
  git -C "$clone" init -q
  git -C "$clone" add -A
  git -C "$clone" -c user.name=a -c user.email=a@example.com commit -qm 'A clone'
}

# The run's own processes are told from those of the run that this test belongs to.
run() { env -u SUITE_MARK -u SUITE_SEED "$@" "$clone/atoll" test "${options[@]}" 2>&1; }

stages_of() { sed -nE 's/^== ([a-z0-9-]+) .*/\1/p' <<<"$1" | paste -sd ' '; }

test_a_red_run_goes_on_with_what_did_not_pass() {
  local clone ends output seed options=(--all)
  a_clone_with_scripted_stages
  touch "$ends/walk"
  output=$(run) && return 1
  assert_is 'launcher native java platform conformance scenarios gvisor microvm security fuzz walk cgroup-v2 down bare-debian' "$(stages_of "$output")"
  assert_has './atoll test --all --resume' "$output"
  seed=$(sed -nE 's/.*seed ([0-9]+).*/\1/p' <<<"$output")
  rm "$ends/walk"
  options=(--all --resume)
  output=$(run SUITE_SEED=7)
  assert_is 'platform walk down' "$(stages_of "$output")"
  assert_has "seed $seed" "$output"
  assert_has 'ok, 0.0 s, earlier' "$(sed -E 's/[0-9]+\.[0-9] s/0.0 s/' <<<"$output")"
  assert_has '14 passed, 0 failed' "$output"
  assert_fails 'no run of this tier to go on with' run
}

test_a_run_of_other_sources_is_not_gone_on_with() {
  local clone ends options=(--resume)
  a_clone_with_scripted_stages
  touch "$ends/security"
  options=()
  assert_fails 'security' run
  echo changed >>"$clone/atoll"
  options=(--resume)
  assert_fails 'of other sources' run
}

test_without_a_commit_nothing_is_gone_on_with() {
  local clone ends options=()
  a_clone_with_scripted_stages
  rm -rf "$clone/.git"
  run >/dev/null
  options=(--resume)
  assert_fails 'without a commit' run
}

test_without_an_installation_nothing_that_needs_one_is_tried() {
  local clone ends output options=()
  a_clone_with_scripted_stages
  touch "$ends/platform"
  output=$(run) && return 1
  assert_is 'launcher native java platform' "$(stages_of "$output")"
}

test_what_the_roles_said_is_kept_of_a_stage_that_failed() {
  local clone ends options=(--only gvisor)
  a_clone_with_scripted_stages
  # shellcheck disable=SC2016 # for the stage itself
  printf 'mkdir -p "$ATOLL_HOME/logs"\necho "what it said" >"$ATOLL_HOME/logs/server.log"\nexit 1\n' \
    >"$clone/launcher/test/stages/gvisor.sh"
  run >/dev/null && return 1
  assert_has 'what it said' "$(cat "$clone/target/test-logs/gvisor-roles/server.log")"
}

test_a_stage_alone_brings_what_it_needs() {
  local clone ends output options=(--only gvisor)
  a_clone_with_scripted_stages
  output=$(run)
  assert_is 'platform gvisor down' "$(stages_of "$output")"
}

test_several_stages_alone_bring_what_they_need_once() {
  local clone ends output options=(--only 'walk,gvisor,bare-debian')
  a_clone_with_scripted_stages
  output=$(run)
  assert_is 'platform gvisor walk down bare-debian' "$(stages_of "$output")"
}

test_wrong_words_are_answered_with_the_right_ones() {
  assert_fails "no stage 'nonsense'" command_test --only nonsense
  assert_fails "no stage 'nonsense'" command_test --only walk,nonsense
  assert_fails 'bare-debian' command_test --only
  assert_fails 'do not go together' command_test --resume --only walk
  assert_fails "does not know '--al'" command_test --al
  assert_has '(walk)' "$(command_test --help)"
}
