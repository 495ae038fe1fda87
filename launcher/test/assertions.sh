# shellcheck shell=bash
# assert_is EXPECTED ACTUAL, assert_has PART WHOLE, assert_fails WORDS COMMAND…

assert_is() {
  [ "$1" = "$2" ] || {
    printf 'expected: %s\n but was: %s\n' "$1" "$2"
    return 1
  }
}

assert_has() {
  [[ $2 == *"$1"* ]] || {
    printf 'expected: …%s…\n but was: %s\n' "$1" "$2"
    return 1
  }
}

# The command must fail and say these words.
assert_fails() {
  local words=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'did not fail: %s\n' "$*"
    return 1
  fi
  assert_has "$words" "$output"
}
