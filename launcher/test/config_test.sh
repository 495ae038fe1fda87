# shellcheck shell=bash
write_conf() { printf '%s\n' "$@" >"$ATOLL_HOME/atoll.conf"; }

test_defaults_hold_without_a_file() {
  config_load
  assert_is 7080 "${CONFIG[port]}"
  assert_is localhost "${CONFIG[domain]}"
}

test_the_file_is_read_with_comments_and_spaces() {
  write_conf '# a comment' '  port =  8080   # another' 'database_url = jdbc:postgresql://h/d?a=b#c' ''
  config_load
  assert_is 8080 "${CONFIG[port]}"
  assert_is 'jdbc:postgresql://h/d?a=b#c' "${CONFIG[database_url]}"
}

test_the_environment_wins_over_the_file() {
  write_conf 'port = 8080'
  ATOLL_PORT=9090 config_load
  assert_is 9090 "${CONFIG[port]}"
}

test_an_unknown_key_is_refused_with_its_line_and_the_nearest_key() {
  write_conf 'port = 8080' 'tls_prot = 1'
  assert_fails "line 2: unknown key 'tls_prot'" config_load
  assert_fails "did you mean 'tls_port'" config_load
}

test_a_line_without_a_value_is_refused() {
  write_conf 'port'
  assert_fails "line 1: expected 'key = value'" config_load
}

test_wrong_types_are_refused() {
  local line
  for line in 'port = 0' 'port = 65536' 'port = 08' 'port = x' 'warm_pool = -1' 'warm_pool = some' 'crash_points = yes' 'domain_proof = maybe' 'nested_virtualization = 1' 'link_scheme = ftp' \
    'domain = A b' 'bind = 300.1.1.1' 'denied_ranges = 10.0.0.0' 'denied_ranges = 10.0.0.0/33' 'image_cache = here' \
    'address_pool = 10.1.0.0/8' 'supervisor = me' 'registries = a_b' \
    'server_memory_mb = 0' 'node_memory_mb = 1' 'edge_memory_mb = 4294967295' 'uid_base = 1000' 'uid_base = 4294967295' \
    'dns_port = 65534' 'address_pool = 127.0.0.0/16' 'address_pool = 8.8.0.0/16' 'address_pool = 10.1.7.0/16' \
    'image_registries = docker.io:99999' 'image_registries = docker.io:' 'bind = ::::' 'bind = 1::2::3' 'bind = 1:2' 'bind = :1' 'bind = fe80::12345' 'bind =' \
    'database_url = mysql://x' 'log_files = 0' 'log_file_mb = 0' 'warm_pool = 4294967295' 'image_seconds = 0'; do
    write_conf "$line"
    assert_fails "line 1: ${line%% *}:" config_load
  done
}

test_an_installation_with_a_wrong_value_can_still_be_stopped_and_looked_at() {
  local line
  write_conf 'address_pool = 11.0.0.0/16'
  assert_fails 'then another value' config_load
  for CONFIG_COMMAND in down uninstall status doctor logs backup; do
    for line in 'address_pool = 11.0.0.0/16' 'tls_port = 7080' 'isolation_auto = gvisor' 'isolation =' 'isolation = magic'; do
      write_conf "$line"
      # Each as a command of its own.
      (config_load) 2>/dev/null || {
        echo "$CONFIG_COMMAND stops at $line"
        return 1
      }
    done
  done
  config_load
  assert_is magic "${CONFIG[isolation]}"
}

test_right_values_are_taken() {
  local line
  for line in 'bind = ::' 'bind = 2001:db8::7, fe80::1:2' 'bind = 1:2:3:4:5:6:7:8' 'address_pool = 172.31.0.0/16' 'address_pool = 100.64.0.0/16' \
    'uid_base = 1900019712' 'dns_port = 65532' 'image_registries = docker.io, localhost:5000' 'server_memory_mb = 2048' 'database_url =' 'warm_pool = auto'; do
    write_conf "$line"
    config_load
  done
  write_conf 'bind = 0.0.0.0, ::1' 'denied_ranges = auto, 10.0.0.0/8' 'address_pool = 10.9.0.0/16' 'domain = a.example.org'
  config_load
  assert_is $'0.0.0.0\n::1' "$(bind_addresses)"
}

test_the_two_ports_must_differ() {
  write_conf 'tls_port = 7080'
  assert_fails 'both 7080' config_load
}

test_the_first_start_keeps_what_the_environment_chose() {
  ATOLL_PORT=8181 config_load
  ATOLL_PORT=8181 config_persist
  assert_has 'port = 8181' "$(cat "$ATOLL_HOME/atoll.conf")"
  CONFIG[port]=7080
  config_load
  assert_is 8181 "${CONFIG[port]}"
}

test_storing_a_key_keeps_the_other_lines() {
  write_conf '# mine' 'port = 1' 'domain = a.b'
  config_store port 2
  config_store tls_port 3
  assert_is $'# mine\nport = 2\ndomain = a.b\ntls_port = 3' "$(cat "$ATOLL_HOME/atoll.conf")"
}

test_every_key_is_documented() {
  local key
  for key in "${!CONFIG_TYPE[@]}"; do
    grep -q "^| \`$key\`" "$ATOLL_ROOT/docs/configuration.md" || {
      echo "docs/configuration.md does not describe $key"
      return 1
    }
  done
}

test_isolation_is_a_list_of_known_kinds_that_holds_the_automatic_one() {
  local line
  for line in 'isolation = magic' 'isolation = ' 'isolation_auto = none'; do
    write_conf "$line"
    assert_fails "line 1: ${line%% *}:" config_load
  done
  write_conf 'isolation_auto = gvisor'
  assert_fails 'isolation does not allow' config_load
  assert_fails 'to one of: container' config_load
  write_conf 'isolation = gvisor'
  config_load
  assert_is gvisor "${CONFIG[isolation_auto]}"
  CONFIG[isolation_auto]=
  write_conf 'isolation = gvisor, container'
  config_load
  assert_is container "${CONFIG[isolation_auto]}"
  write_conf 'isolation = container, gvisor' 'isolation_auto = gvisor'
  config_load
  assert_has '"allowed": ["container","gvisor"], "auto": "gvisor"' "$(isolation_json)"
}

test_virtual_machines_need_kvm_except_in_tests() {
  KVM_DEVICE=$ATOLL_HOME/none
  write_conf 'isolation = container, microvm'
  config_load
  assert_fails 'has no KVM' require_kvm
  write_conf 'isolation = container, microvm' 'microvm_emulation = true'
  config_load
  require_kvm
  assert_has '"microvm_emulation": true' "$(isolation_json)"
  KVM_DEVICE=/dev/null
  write_conf 'isolation = container, microvm'
  config_load
  require_kvm
  assert_has '"allowed": ["container","microvm"]' "$(isolation_json)"
}
