# shellcheck shell=bash
a_clone() {
  ATOLL_ROOT="$ATOLL_HOME/a clone"
  mkdir -p "$ATOLL_ROOT/server/src/main" "$ATOLL_ROOT/server/src/test" "$ATOLL_ROOT/server/target"
  echo one >"$ATOLL_ROOT/server/src/main/A.java"
  echo '<version>1.2.3</version>' >"$ATOLL_ROOT/pom.xml"
}

test_the_digest_ignores_times_tests_and_build_output() {
  a_clone
  local before
  before=$(source_digest)
  touch -d 2001-01-01 "$ATOLL_ROOT/server/src/main/A.java"
  echo x >"$ATOLL_ROOT/server/src/test/T.java"
  echo x >"$ATOLL_ROOT/server/target/T.class"
  assert_is "$before" "$(source_digest)"
}

test_the_digest_sees_content_names_and_the_executable_bit() {
  a_clone
  local first second third
  first=$(source_digest)
  echo two >"$ATOLL_ROOT/server/src/main/A.java"
  second=$(source_digest)
  chmod +x "$ATOLL_ROOT/server/src/main/A.java"
  third=$(source_digest)
  mv "$ATOLL_ROOT/server/src/main/A.java" "$ATOLL_ROOT/server/src/main/B.java"
  assert_is 4 "$(printf '%s\n' "$first" "$second" "$third" "$(source_digest)" | sort -u | wc -l)"
}

test_the_version_is_the_pom_s() {
  a_clone
  assert_is 1.2.3 "$(program_version)"
}

test_two_programs_are_kept() {
  local name
  for name in a b c d; do mkdir -p "$ATOLL_HOME/dist/$name"; done
  touch -d '-3 hours' "$ATOLL_HOME/dist/a"
  touch -d '-2 hours' "$ATOLL_HOME/dist/b"
  touch -d '-1 hours' "$ATOLL_HOME/dist/c"
  DIST=$ATOLL_HOME/dist/a prune_dists
  assert_is 'a d' "$(cd "$ATOLL_HOME/dist" && echo *)"
}

test_json_strings_are_escaped() {
  assert_is '"a\"b\\c\nd"' "$(json_string $'a"b\\c\nd')"
  assert_is '["a","b c"]' "$(json_list a 'b c')"
}

test_json_is_read_by_path() {
  assert_is 7 "$(json_get data.list.1.n <<<'{"data":{"list":[{},{"n":7}]}}')"
  assert_fails '' json_get nothing <<<'{}'
}

test_ids_are_read_of_answers_one_after_the_other() {
  assert_is 'a,b' "$(ids_of <<<'{"id":"a","data":{"id":"a"}}{"error":{"code":"x"}} {"id":"b"}')"
  assert_is '' "$(ids_of </dev/null)"
}
