#!/bin/sh
# Copies what a path or a pattern names from a folder of unpacked files, as COPY of a Dockerfile does.
# Run in the sandbox of a build, by whatever shell the image has.
set -eu
stage=$1 source=$2 target=$3 owner=$4 mode=$5
here=$(pwd)
case $target in
  /*) ;;
  *) target=${here%/}/$target ;;
esac

cd "$stage"
chown -hR -- "$owner" .
if [ -n "$mode" ]; then
  chmod -R -- "$mode" .
fi

folder() {
  [ -d "$1" ] || { mkdir -p -- "$1" && chown -- "$owner" "$1"; }
}

# What a folder has, into the target, whose own owner and mode stay.
content() {
  folder "$target"
  for each in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -e "$each" ] || [ -L "$each" ]; then
      cp -a -- "$each" "${target%/}/"
    fi
  done
}

one() {
  if [ -d "$1" ] && [ ! -L "$1" ]; then
    content "$1"
  elif [ "$many" = yes ] || [ -d "$target" ] || [ "${target%/}" != "$target" ]; then
    folder "$target"
    cp -a -- "$1" "${target%/}/"
  else
    folder "$(dirname -- "$target")"
    cp -a -- "$1" "$target"
  fi
}

many=no
IFS=
case $source in
  *'**'*)
    # Whatever is below the part without a pattern: nothing else was packed.
    base=./${source%%'**'*}
    source=${base%/*}
    ;;
  *[\*\?\[]*)
    many=yes
    ;;
esac
if [ "$many" = yes ]; then
  # shellcheck disable=SC2086 # The pattern is to be expanded; nothing is split.
  set -- ./$source
else
  set -- "./$source"
fi
for found in "$@"; do
  if [ ! -e "$found" ] && [ ! -L "$found" ]; then
    echo "COPY: there is no $source" >&2
    exit 1
  fi
  one "$found"
done
