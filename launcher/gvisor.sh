# shellcheck shell=bash
# The program of gVisor: built once from its Go module, at one version, on machines whose owner allows that isolation.

GVISOR_VERSION=v0.0.0-20260905035102-160fafc42237

runsc_path() { printf '%s/gvisor/%s/runsc\n' "$TOOLS" "$GVISOR_VERSION"; }
runsc_is_there() { allows_isolation gvisor && [ -x "$(runsc_path)" ]; }

# Without it Atoll runs all the same, and says to whoever asks for gVisor why there is none.
need_gvisor() {
  allows_isolation gvisor || return 0
  if ! runsc_is_there; then
    need_go
    step "gVisor $GVISOR_VERSION is built (about two minutes, once)" install_gvisor ||
      say "  gVisor could not be built: sandboxes that ask for it are refused (see $(setup_log)); the next ./atoll up tries again"
  fi
}

# The checksum database of Go vouches for what is downloaded.
install_gvisor() {
  local folder partial
  folder=$(dirname "$(runsc_path)")
  mkdir -p "$folder"
  partial=$(mktemp -d "$folder/.building.XXXXXX")
  CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOBIN=$partial logged "$GO" install -trimpath \
    -ldflags "-s -w -X gvisor.dev/gvisor/runsc/version.version=$GVISOR_VERSION" "gvisor.dev/gvisor/runsc@$GVISOR_VERSION" || {
    rm -rf "$partial"
    return 1
  }
  chmod 0755 "$partial/runsc"
  mv "$partial/runsc" "$folder/runsc"
  rm -rf "$partial"
}
