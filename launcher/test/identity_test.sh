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

test_what_was_given_away_while_it_was_uninstalled_is_chosen_anew() {
  identity_make
  local first=("${IDENTITY[number]}" "${IDENTITY[uid_base]}" "${IDENTITY[firewall_mark]}") id=$ID key
  sed "s/^id = .*/id = zzzz/; s,^home = .*,home = /elsewhere," "$REGISTRY/$ID" >"$REGISTRY/zzzz"
  rm "$REGISTRY/$ID"
  IDENTITY=()
  identity_make
  assert_is "$id" "$ID"
  for key in number uid_base firewall_mark; do
    [[ " ${first[*]} " != *" ${IDENTITY[$key]} "* ]]
    grep -qx "$key = ${IDENTITY[$key]}" "$ATOLL_HOME/identity"
    grep -qx "$key = ${IDENTITY[$key]}" "$REGISTRY/$id"
  done
}

test_what_is_still_free_stays_when_it_is_registered_again() {
  identity_make
  local before
  before=$(cat "$ATOLL_HOME/identity")
  rm "$REGISTRY/$ID"
  identity_make
  assert_is "$before" "$(cat "$ATOLL_HOME/identity")"
  [ -e "$REGISTRY/$ID" ]
}

test_a_copied_home_is_refused_and_a_moved_one_registered_anew() {
  local original=$ATOLL_HOME/first id
  ATOLL_HOME=$original
  mkdir "$original"
  identity_make
  id=$ID
  cp -a "$original" "$original.copy"
  ATOLL_HOME=$original.copy
  assert_fails "is a copy of the installation $id in $original" need_identity
  assert_fails "is a copy of the installation $id in $original" identity_make
  # Another name of the same folder is no copy.
  ln -s "$original" "$original.link"
  ATOLL_HOME=$original.link
  need_identity
  rm -r "$original"
  ATOLL_HOME=$original.copy
  need_identity
  identity_make
  assert_is "$id" "$ID"
  assert_has "home = $original.copy" "$(cat "$REGISTRY/$id")"
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
