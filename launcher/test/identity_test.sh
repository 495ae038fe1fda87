# shellcheck shell=bash
test_an_id_is_four_letters_or_digits_and_stays() {
  mkdir -p "$REGISTRY"
  identity_make
  local id=$ID
  [[ $id =~ ^[a-z][a-z2-7]{3}$ ]]
  identity_make
  assert_is "$id" "$ID"
}

test_two_installations_share_nothing() {
  identity_make
  local first=("${IDENTITY[id]}" "${IDENTITY[number]}" "${IDENTITY[uid_base]}" "${IDENTITY[firewall_mark]}") key
  ATOLL_HOME=$ATOLL_HOME/second
  mkdir "$ATOLL_HOME"
  IDENTITY=()
  identity_make
  for key in id number uid_base firewall_mark; do
    [[ " ${first[*]} " != *" ${IDENTITY[$key]} "* ]]
  done
}

test_user_ids_of_installations_do_not_overlap() {
  mkdir -p "$REGISTRY"
  local base
  base=$(choose_uid_base)
  printf 'uid_base = %s\n' "$base" >"$REGISTRY/aaaa"
  assert_is $((base + UID_COUNT)) "$(choose_uid_base)"
  # An older one, with fewer ids, that ends where a new range would have begun.
  printf 'uid_base = %s\n' $((base - 1)) >"$REGISTRY/aaaa"
  assert_is $((base + UID_COUNT)) "$(choose_uid_base)"
  printf 'uid_base = %s\nuid_count = %s\n' "$base" $((UID_COUNT + 1)) >"$REGISTRY/aaaa"
  assert_is $((base + 2 * UID_COUNT)) "$(choose_uid_base)"
}

test_a_taken_id_is_drawn_again() {
  mkdir -p "$REGISTRY"
  local first
  first=$(choose_id)
  touch "$REGISTRY/$first"
  [ "$first" != "$(choose_id)" ]
}

test_numbers_of_covers_wide_networks() {
  assert_is 7 "$(numbers_of 10.7.3.2)"
  assert_is $'4\n5\n6\n7' "$(numbers_of 10.4.0.0/14 | tr ' ' '\n')"
  assert_is 256 "$(numbers_of 10.0.0.0/8 | wc -l)"
  assert_is 9 "$(numbers_of 169.254.9.1/32)"
  assert_is 256 "$(numbers_of 169.254.0.0/16 | wc -l)"
}

test_ranges_are_judged_by_number() {
  in_range 203.0.113.80 203.0.113.0/24
  in_range 100.127.1.1 100.64.0.0/10
  if in_range 100.128.1.1 100.64.0.0/10; then return 1; fi
  in_range 8.8.8.8 0.0.0.0/0
  is_denied 192.168.3.4
  if is_denied 93.184.216.34; then return 1; fi
}

test_the_defaults_stand_where_auto_stands() {
  # shellcheck disable=SC2154
  CONFIG[denied_ranges]='auto, 9.9.9.0/24'
  assert_is $'1.0.0.0/8\n9.9.9.0/24' "$(config_ranges denied_ranges 1.0.0.0/8)"
}

test_a_test_run_finds_its_own_installations_only() {
  use suite
  identity_make
  ATOLL_HOME=$ATOLL_HOME/second
  mkdir "$ATOLL_HOME"
  IDENTITY=()
  export SUITE_MARK=1-2
  identity_make
  assert_is "$ID" "$(suite_installations)"
}
