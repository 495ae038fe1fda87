# shellcheck shell=bash disable=SC2317,SC2154
test_a_home_that_a_restore_has_not_finished_is_refused() {
  need_whole
  : >"$ATOLL_HOME/.restoring"
  assert_fails 'was cut off' need_whole
}

test_a_backup_goes_to_a_file_or_a_bucket() {
  use backup
  assert_fails 'is no s3://bucket/prefix' command_backup --to s3://B/prefix
  assert_fails 'which says how the S3 service is reached' command_backup --to s3://bucket/prefix
  assert_fails "there is no $ATOLL_HOME/other.json" command_backup --to s3://bucket/prefix --s3-settings "$ATOLL_HOME/other.json"
  assert_fails 'is no file' command_backup --to ftp://host/x
  assert_fails 'where to?' command_backup
  assert_fails "does not know '--two'" command_backup --two x
  assert_fails 'exclude each other' command_backup --to /x --without-secrets --passphrase-file /y
  assert_has '--passphrase-file' "$(command_backup --help)"
}

test_a_ticket_names_what_can_be_one() {
  use archive
  assert_fails "is not the folder of an installation" command_archive ticket ../x org_1 snap_1
  assert_fails "is not the id of an organization" command_archive ticket 0123456789abcdef 'a b' snap_1
  assert_fails "is not the id of a snapshot" command_archive ticket 0123456789abcdef org_1 'x;y'
  assert_fails 'usage: atoll archive ticket' command_archive ticket
  assert_fails "does not know 'all'" command_archive all
  assert_has 'archive-keys' "$(command_archive)"
}

test_the_passphrase_is_the_first_line() {
  use passphrase
  printf 'a b \r\nsecond\n' >"$ATOLL_HOME/words"
  passphrase_take "$ATOLL_HOME/words"
  assert_is 'a b ' "$PASSPHRASE"
  printf 'no end' >"$ATOLL_HOME/words"
  passphrase_take "$ATOLL_HOME/words"
  assert_is 'no end' "$PASSPHRASE"
  : >"$ATOLL_HOME/words"
  assert_fails 'is empty' passphrase_take "$ATOLL_HOME/words"
  assert_is 'no end' "$(PASSPHRASE='no end' with_passphrase cat /dev/fd/3)"
}

test_a_restore_overwrites_no_installation() {
  use restore
  restore_check_home ''
  mkdir "$ATOLL_HOME/postgres"
  assert_fails 'there is an installation' restore_check_home ''
  restore_check_home yes
  : >"$ATOLL_HOME/.restoring"
  restore_check_home ''
}

test_a_restore_wants_atoll_to_be_down_to_the_last_mount() {
  use restore down
  identity_make
  RUN=$ATOLL_HOME/run
  supervisor_is_alive() { return 1; }
  identity_load() { [ -r "$ATOLL_HOME/identity" ]; }
  losetup() { :; }
  restore_check_home yes
  mkdir "$RUN"
  assert_fails 'not all of Atoll is down' restore_check_home yes
  rmdir "$RUN"
  losetup() { printf '/dev/loop7 %s/trees.img\n' "$(realpath "$ATOLL_HOME")"; }
  assert_fails 'not all of Atoll is down' restore_check_home yes
}

test_what_was_there_is_moved_aside_but_what_is_the_machine_s() {
  use restore
  mkdir "$ATOLL_HOME/postgres" "$ATOLL_HOME/dist"
  printf 'id = abcd\n' >"$ATOLL_HOME/identity"
  restore_move_aside 2>/dev/null
  [ -d "$ATOLL_HOME/dist" ] && [ -e "$ATOLL_HOME/identity" ] && [ ! -e "$ATOLL_HOME/postgres" ]
  assert_is 1 "$(compgen -G "$ATOLL_HOME/before-restore-*/postgres" | wc -l)"
}

test_what_was_chosen_for_the_other_machine_is_chosen_anew() {
  use restore
  printf 'port = 7\naddress_pool = 10.1.0.0/16\n  uid_base=5\ndatabase_url = jdbc:postgresql://h/d\n' >"$ATOLL_HOME/atoll.conf"
  restore_settings 2>/dev/null
  assert_is 'port = 7' "$(grep -v '^#' "$ATOLL_HOME/atoll.conf")"
  assert_is 3 "$(grep -c '^# of the machine' "$ATOLL_HOME/atoll.conf")"
}

test_a_restored_copy_leaves_the_archive_to_the_installation_that_was_backed_up() {
  use restore
  printf 'port = 7\nsnapshot_archive = s3://bucket/prefix\n' >"$ATOLL_HOME/atoll.conf"
  assert_has 'snapshots are not archived' "$(restore_settings 2>&1)"
  assert_is '# of the machine that was backed up: snapshot_archive = s3://bucket/prefix' "$(tail -n 1 "$ATOLL_HOME/atoll.conf")"
  config_load
  # shellcheck disable=SC2154
  assert_is '' "${CONFIG[snapshot_archive]}"
}

test_a_restore_from_a_bucket_keeps_the_way_to_it() {
  use restore
  assert_fails 'which says how the S3 service is reached' command_restore s3://bucket/prefix
  printf 'the way' >"$ATOLL_HOME/snapshot-archive.json"
  restore_keep_s3 "$ATOLL_HOME/snapshot-archive.json"
  mv "$ATOLL_HOME/snapshot-archive.json" "$ATOLL_HOME/aside.json"
  assert_is 'the way' "$(cat "$S3_SETTINGS")"
  assert_is 'the way' "$(cat "$S3_SETTINGS")"
}

test_up_says_why_restored_rows_are_not_put_in() {
  use ready
  mkdir -p "$ATOLL_HOME/server/rows"
  refuse_rows
  printf 'the database is not empty: a backup is restored into an empty one only\n' >"$ATOLL_HOME/server/rows/refused"
  assert_fails 'was not restored: the database is not empty' refuse_rows
}
