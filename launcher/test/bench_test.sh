# shellcheck shell=bash
use bench

test_the_list_of_benchmarks_is_that_of_the_program() {
  assert_is "$(sed -nE 's/.*Map\.entry\("([a-z]+)".*/\1/p' "$ATOLL_ROOT/bench/src/main/java/com/atoll/bench/Main.java" | sort)" \
    "$(bench_names | sort)"
}

test_help_teaches_and_runs_nothing() {
  assert_has 'webhooks' "$(command_bench --help)"
  assert_has 'webhooks' "$(command_bench create --help)"
}

test_a_wrong_name_is_answered_with_the_right_ones() {
  assert_fails "no benchmark 'nonsense'" command_bench nonsense
  assert_fails 'limiter' command_bench create nonsense
  assert_fails 'which benchmark?' command_bench --json
  assert_fails "does not know '--jsonn'" command_bench create --jsonn
}
