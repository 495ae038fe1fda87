# shellcheck shell=bash disable=SC2317,SC2154,SC1003
test_doctor_names_what_it_checks_and_its_exit_code_says_whether_atoll_runs() {
  use doctor
  ATOLL_PORT=1 ATOLL_TLS_PORT=2
  export ATOLL_PORT ATOLL_TLS_PORT
  local report code=0 name
  report=$(command_doctor) || code=$?
  for name in kernel cgroups 'user namespaces' overlay btrfs erofs nft '*.localhost' disk memory; do
    assert_has " $name" "$report"
  done
  if [[ $report == *FAIL* ]]; then assert_is 1 "$code"; else assert_is 0 "$code"; fi
}

test_a_missing_package_is_named() {
  assert_is 'no-such-package' "$(missing_packages $'bash:bash\nno-such-package:no-such-program-here')"
}

test_other_distributions_get_the_list() {
  is_debian_like() { return 1; }
  assert_fails 'these packages are missing: none-such' packages_need 'none-such:no-such-program-here'
}

test_a_jdk_that_is_too_old_is_passed_over() {
  mkdir -p "$ATOLL_HOME/old/bin"
  printf 'JAVA_VERSION="17.0.1"\n' >"$ATOLL_HOME/old/release"
  printf '#!/bin/sh\n' >"$ATOLL_HOME/old/bin/javac"
  chmod +x "$ATOLL_HOME/old/bin/javac"
  assert_is 17 "$(jdk_version "$ATOLL_HOME/old")"
  JAVA_HOME=$ATOLL_HOME/old
  if find_java; then [ "$JAVA_HOME" != "$ATOLL_HOME/old" ]; fi
}

an_installation() {
  identity_make
  DIST="$ATOLL_HOME/a dist"
  mkdir -p "$DIST/classpath"
  local module
  for module in node server edge; do printf 'a.jar\nb.jar\n' >"$DIST/classpath/$module"; done
  JAVA_HOME=/opt/jdk
  user_of() { printf '4242\n'; }
  group_of() { printf '4242\n'; }
}

test_the_supervisor_s_file_is_json_with_every_role_in_order() {
  an_installation
  assert_is 'postgres node server edge' "$(supervise_spec | "$(python)" -c '
import json, sys
print(*[role["name"] for role in json.load(sys.stdin)["roles"]])')"
}

test_an_external_database_needs_no_postgres() {
  an_installation
  CONFIG[database_url]=jdbc:postgresql://db/atoll
  assert_is $'node\nserver\nedge' "$(roles)"
}

test_only_a_gateway_on_a_low_port_keeps_a_privilege() {
  an_installation
  role_command edge
  assert_has '--bounding-set=-all --' "${COMMAND[*]}"
  # shellcheck disable=SC2154
  CONFIG[port]=80
  role_command edge
  assert_has '--bounding-set=-all,+net_bind_service --' "${COMMAND[*]}"
  role_command server
  assert_has '--bounding-set=-all --' "${COMMAND[*]}"
}

test_installation_json_is_what_was_configured() {
  an_installation
  # shellcheck disable=SC2154
  CONFIG[denied_ranges]='10.0.0.0/8' CONFIG[allowed_ranges]='10.1.0.0/16' CONFIG[database_url]='jdbc:x?password="q"'
  installation_json >"$ATOLL_HOME/out.json"
  assert_is '["10.0.0.0/8"]' "$(json_get denied_ranges <"$ATOLL_HOME/out.json")"
  assert_is '["10.1.0.0/16"]' "$(json_get allowed_ranges <"$ATOLL_HOME/out.json")"
  assert_is 'jdbc:x?password="q"' "$(json_get database_url <"$ATOLL_HOME/out.json")"
}

test_registries_at_public_addresses_open_nothing() {
  an_installation
  # shellcheck disable=SC2154
  CONFIG[registries]='' CONFIG[allowed_ranges]=auto
  installation_json >"$ATOLL_HOME/out.json"
  assert_is '[]' "$(json_get allowed_ranges <"$ATOLL_HOME/out.json")"
}

test_units_quote_what_systemd_would_read() {
  assert_is '"a b" ' "$(systemd_quote 'a b')"
  # shellcheck disable=SC2016
  assert_is '"%%h $$x \"q\" \\" ' "$(systemd_quote '%h $x "q" \')"
}

test_sandbox_processes_are_found_whatever_their_user_id() {
  use down
  identity_make
  IDENTITY[uid_base]=2168455168
  # What ps prints for 2168455168 and for 2302672896, which is the next installation's.
  ps() { printf '%s\n' '-2126512128 7 S python3 app.py' '-1992294400 8 S sleep 9' '0 9 S init'; }
  assert_is '  sandbox process 7: python3 app.py' "$(guest_processes)"
}

test_only_this_installation_s_processes_are_strays() {
  RUN=/run/atoll/none
  assert_is '' "$(stray_pids)"
}
