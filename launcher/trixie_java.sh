# shellcheck shell=bash
# JDK 25 on Debian 12: trixie's packages unpacked beside trixie's C library, so that nothing of the host changes.

install_trixie_java() {
  packages_need 'patchelf:patchelf'
  # In a shell of its own, whose end removes what was fetched.
  (unpack_trixie_java)
}

unpack_trixie_java() {
  local scratch packages=(openjdk-25-jre-headless openjdk-25-jdk-headless libc6 libgcc-s1 libstdc++6 zlib1g
    liblcms2-2 libjpeg62-turbo libfreetype6 libpng16-16t64 libbrotli1 libbz2-1.0 libharfbuzz0b libglib2.0-0t64
    libgraphite2-3 libpcre2-8-0 libasound2t64 libnspr4 libnss3 libsqlite3-0 libpcsclite1 libffi8 libatomic1)
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/atoll-jdk.XXXXXX")
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$scratch'" EXIT
  trixie_apt "$scratch"
  trixie_fetch "$scratch" "${packages[@]}"
  rm -rf "$TOOLS/jdk.partial" "$TOOLS/jdk"
  mkdir -p "$TOOLS/jdk.partial"
  local archive
  for archive in "$scratch"/debs/*.deb; do dpkg-deb -x "$archive" "$TOOLS/jdk.partial"; done
  trixie_settle "$TOOLS/jdk.partial"
  mv -T "$TOOLS/jdk.partial" "$TOOLS/jdk"
  trixie_trust "$TOOLS/jdk"
}

# An apt of our own that knows trixie alone; the host's lists stay as they are.
trixie_apt() {
  local scratch=$1 mirror
  mirror=$(debian_mirror)
  mkdir -p "$scratch"/{lists/partial,cache/archives/partial,debs}
  : >"$scratch/status"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' "$mirror" >"$scratch/sources"
  TRIXIE_OPTIONS=(-o Dir::Etc::SourceList="$scratch/sources" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists="$scratch/lists" -o Dir::State::status="$scratch/status"
    -o Dir::Cache="$scratch/cache" -o APT::Sandbox::User=root)
  apt-get "${TRIXIE_OPTIONS[@]}" update >"$(setup_log)" 2>&1 ||
    die "Debian trixie is not reachable: $(tail -n 3 "$(setup_log)")" "install a JDK 25 and set JAVA_HOME to it"
}

trixie_fetch() {
  local scratch=$1
  shift
  (cd "$scratch/debs" && apt-get "${TRIXIE_OPTIONS[@]}" download "$@") >"$(setup_log)" 2>&1 ||
    die "JDK 25 could not be fetched: $(tail -n 3 "$(setup_log)")" "install a JDK 25 and set JAVA_HOME to it"
}

# The mirror that this machine's own sources name.
debian_mirror() {
  local found
  found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    grep -Eo 'https?://[^ ]+/debian/?( |$)' | head -n 1) || true
  found=$(trim "$found")
  printf '%s\n' "${found:-http://deb.debian.org/debian}"
}

# Every program and library looks for its loader and libraries in the folder.
trixie_settle() {
  local root=$1 final=$TOOLS/jdk triplet jvm file loader libraries
  triplet=$(uname -m)-linux-gnu
  jvm=$(cd "$root/usr/lib/jvm" && compgen -G '*25-openjdk*' | head -n 1)
  loader=$(cd "$root" && compgen -G "usr/lib/$triplet/ld-linux-*" | head -n 1)
  libraries="$final/usr/lib/$triplet:$final/usr/lib/jvm/$jvm/lib:$final/usr/lib/jvm/$jvm/lib/server"
  # Debian keeps the configuration in /etc: it moves inside.
  find "$root/usr/lib/jvm/$jvm" -type l | while read -r file; do
    local target
    target=$(readlink "$file")
    [[ $target == /etc/* && -e $root$target ]] || continue
    rm "$file"
    cp -a "$root$target" "$file"
  done
  find "$root/usr/lib/jvm/$jvm" -type f \( -perm -100 -o -name '*.so' \) | while read -r file; do
    is_elf "$file" || continue
    patchelf --force-rpath --set-rpath "$libraries" "$file"
    ! has_interpreter "$file" || patchelf --set-interpreter "$final/$loader" "$file"
  done
}

is_elf() { [ "$(head -c 4 "$1" | tail -c 3)" = ELF ]; }
has_interpreter() { patchelf --print-interpreter "$1" >/dev/null 2>&1; }

# The package's trust store is made by a script of its own that does not run here: the host's certificates serve.
trixie_trust() {
  local store
  store=$(compgen -G "$1/usr/lib/jvm/*25-openjdk*/lib/security")/cacerts
  rm -f "$store"
  "${store%/lib/security/cacerts}/bin/java" "$ATOLL_ROOT/launcher/TrustStore.java" \
    /etc/ssl/certs/ca-certificates.crt "$store"
}
