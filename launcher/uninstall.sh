# shellcheck shell=bash
# uninstall [--purge]: processes, users, units and program off the machine; the data stays unless purged.

command_uninstall() {
  local purge='' option
  for option in "$@"; do
    case $option in
      --purge) purge=yes ;;
      -y | --yes) ;; # Nothing is asked; scripts say it out of habit.
      *) die "'atoll uninstall' knows --purge only" ;;
    esac
  done
  need_root uninstall
  config_load
  need_identity
  home_lock
  platform_down
  units_remove
  users_remove
  rm -f "$REGISTRY/$ID"
  compgen -G "$REGISTRY/????" >/dev/null || rm -f "$REGISTRY/.lock"
  rmdir "$REGISTRY" "$(dirname "$REGISTRY")" 2>/dev/null || true
  rm -rf "$ATOLL_HOME/dist" "$ATOLL_HOME/tmp"
  home_unlock
  if [ -n "$purge" ]; then
    purge_home
    say "Atoll is uninstalled; $ATOLL_HOME is gone"
  else
    say "Atoll is uninstalled; its data stays in $ATOLL_HOME"
  fi
}

# btrfs subvolumes need their own way out.
purge_home() {
  local folder
  if [ "$(stat -fc %T "$ATOLL_HOME")" = btrfs ]; then
    find "$ATOLL_HOME" -depth -type d -inum 256 -print0 2>/dev/null |
      while IFS= read -r -d '' folder; do btrfs subvolume delete "$folder" >/dev/null 2>&1 || true; done
  fi
  rm -rf --one-file-system "$ATOLL_HOME"
}
