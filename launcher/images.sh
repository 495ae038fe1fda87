# shellcheck shell=bash
# The image cache: built images by digest, shared by the installations of one owner, so that a new one need not build.

# link_image FILE FOLDER: images never change, so a second name is enough; a copy where that cannot be.
link_image() {
  local target=$2/${1##*/}
  [ ! -e "$target" ] || return 0
  ln "$1" "$target" 2>/dev/null || {
    cp --reflink=auto "$1" "$target.partial"
    mv -f "$target.partial" "$target"
  }
}

# Before the start: what the cache has.
image_cache_take() {
  local file
  [ -n "${CONFIG[image_cache]}" ] || return 0
  while read -r file; do link_image "$file" "$ATOLL_HOME/images"; done < <(compgen -G "${CONFIG[image_cache]}/*.erofs")
}

# After it: what was built; the newest six stay.
image_cache_keep() {
  local file
  [ -n "${CONFIG[image_cache]}" ] || return 0
  mkdir -p "${CONFIG[image_cache]}"
  while read -r file; do link_image "$file" "${CONFIG[image_cache]}"; done < <(compgen -G "$ATOLL_HOME/images/*.erofs")
  find "${CONFIG[image_cache]}" -maxdepth 1 -name '*.erofs' -printf '%T@ %p\n' | sort -rn | tail -n +7 | cut -d ' ' -f 2- |
    while read -r file; do rm -f "$file"; done
}
