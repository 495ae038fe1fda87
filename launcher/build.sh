# shellcheck shell=bash
# From sources to $ATOLL_HOME/dist/<digest>: built when the sources' content changed, kept apart from the clone.

# Whether this launcher lies in an installed program rather than in a clone.
is_installed_program() { [ ! -e "$ATOLL_ROOT/pom.xml" ]; }

COMPILED='mvnw pom.xml .mvn model platform proto node server edge cli bench native'
COPIED='atoll launcher templates examples deploy'

# The files below these parts that a program is made of, NUL-separated and sorted; tests and notes are not among them.
source_files() {
  (
    cd "$ATOLL_ROOT" || exit
    local part there=()
    for part in "$@"; do
      [ ! -e "$part" ] || there+=("$part")
    done
    find "${there[@]}" \( -name target -o -name test -o -name node_modules -o -name __pycache__ -o -name '*.md' \) -prune -o \
      \( -type f -o -type l \) -print0 | sort -z
  )
}

# digest_of PART…: one digest over names, modes and content.
digest_of() {
  (
    cd "$ATOLL_ROOT" || exit
    source_files "$@" | xargs -0 sha256sum --
    source_files "$@" | xargs -0 stat -c '%A %n' -- | sed -E 's/^(...)(.).{6}/\2/'
  ) | sha256sum | cut -c 1-16
}

# The name of the program that these sources make.
source_digest() {
  # shellcheck disable=SC2086 # lists of words
  digest_of $COMPILED $COPIED
}

# What has to be compiled again when it changes.
compiled_digest() {
  # shellcheck disable=SC2086
  digest_of $COMPILED
}

# Builds and installs what is not installed yet; sets DIST.
build_and_install() {
  local digest compiled
  if is_installed_program; then
    DIST=$ATOLL_ROOT
    return 0
  fi
  digest=$(source_digest)
  DIST=$ATOLL_HOME/dist/$digest
  [ ! -e "$DIST/complete" ] || return 0
  mkdir -p "$ATOLL_ROOT/target"
  exec 8>"$ATOLL_ROOT/target/.build.lock"
  flock -n 8 || {
    say "  another build runs in this clone; waiting for it"
    flock 8
  }
  compiled=$(compiled_digest)
  if [ "$(cat "$ATOLL_ROOT/target/.built" 2>/dev/null)" != "$compiled" ]; then
    step "built the native programs" build_native
    step "built the Java programs" build_java
    printf '%s\n' "$compiled" >"$ATOLL_ROOT/target/.built"
  fi
  step "installed to $DIST" install_dist "$DIST"
  exec 8>&-
}

build_native() {
  [ -x "$ATOLL_ROOT/native/build" ] || die "native/build is missing from this clone"
  "$ATOLL_ROOT/native/build" --version "$(program_version)" "$ATOLL_ROOT/native/target/bin" >"$ATOLL_ROOT/target/native.log" 2>&1 || {
    tail -n 30 "$ATOLL_ROOT/target/native.log" >&2
    die "the native programs do not build"
  }
}

JAVA_MODULES=node,server,edge,cli,bench

# build_java [MODULES]
build_java() {
  local log=$ATOLL_ROOT/target/maven.log
  (
    cd "$ATOLL_ROOT" || exit
    ./mvnw -q -B -ntp -pl "${1:-$JAVA_MODULES}" -am -Dmaven.test.skip=true package \
      dependency:build-classpath -Dmdep.outputFile=target/classpath.txt -DincludeScope=runtime
  ) </dev/null >"$log" 2>&1 || {
    grep -E 'ERROR|BUILD' "$log" | head -n 40 >&2 || tail -n 40 "$log" >&2
    die "the Java programs do not build" "the whole log is in $log"
  }
}

# install_dist FOLDER: jars, binaries, templates, samples and this launcher, readable by every service user.
install_dist() {
  local partial=$1.partial module
  rm -rf "$partial"
  mkdir -p "$partial"/{lib,bin,classpath}
  for module in ${JAVA_MODULES//,/ }; do install_module "$partial" "$module"; done
  cp -L "$ATOLL_ROOT"/native/target/bin/* "$partial/bin/"
  for module in templates examples deploy launcher; do
    [ ! -d "$ATOLL_ROOT/$module" ] || cp -RL "$ATOLL_ROOT/$module" "$partial/$module"
  done
  rm -rf "$partial/launcher/test"
  cp "$ATOLL_ROOT/atoll" "$partial/atoll"
  program_version >"$partial/version"
  chmod -R u=rwX,go=rX "$partial"
  chmod 0755 "$partial"/bin/* "$partial/atoll"
  : >"$partial/complete"
  rm -rf "$1"
  mv -T "$partial" "$1"
}

# A module's own jar and what it needs go to lib/; their names in order to classpath/<module>.
install_module() {
  local partial=$1 module=$2 jar own names=
  own=$(compgen -G "$ATOLL_ROOT/$module/target/atoll-$module-*.jar" | grep -Ev -- '-(tests|sources)\.jar$' | head -n 1) ||
    die "$module/target holds no jar after the build"
  while IFS= read -r -d : jar; do
    [ -n "$jar" ] || continue
    [ -e "$partial/lib/${jar##*/}" ] || cp -L "$jar" "$partial/lib/"
    names+=${jar##*/}$'\n'
  done < <(printf '%s:%s:' "$own" "$(cat "$ATOLL_ROOT/$module/target/classpath.txt")")
  printf '%s' "$names" >"$partial/classpath/$module"
}

program_version() {
  if is_installed_program; then
    cat "$ATOLL_ROOT/version"
  else
    sed -nE 's:^ *<version>([^<]+)</version>.*:\1:p' "$ATOLL_ROOT/pom.xml" | head -n 1
  fi
}

# class_path DIST MODULE
class_path() {
  local name path=
  while IFS= read -r name; do path+=:$1/lib/$name; done <"$1/classpath/$2"
  printf '%s\n' "${path#:}"
}

# Keeps the program in use and the one before it.
prune_dists() {
  local folder kept=0
  while IFS= read -r folder; do
    [ "$folder" != "$DIST" ] || continue
    kept=$((kept + 1))
    [ "$kept" -le 1 ] || rm -rf "$folder"
  done < <(find "$ATOLL_HOME/dist" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | cut -d ' ' -f 2-)
}
