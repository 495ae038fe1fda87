# shellcheck shell=bash
# What virtual machines are made of, on machines whose owner allows that isolation: the distribution's emulator with its
# libraries and its program that serves files, in a folder that is the whole file system of the process that runs a
# machine; and the distribution's kernel, of which nothing is installed on this machine itself.

# In the order in which they are loaded.
MICROVM_MODULES='virtio_ring virtio virtio_mmio virtio_console fuse virtiofs failover net_failover virtio_net'
MICROVM_FIRMWARE='bios-microvm.bin linuxboot_dma.bin pvh.bin kvmvapic.bin'

KVM_DEVICE=/dev/kvm

# Virtual machines without KVM are for tests, which say so.
require_kvm() {
  ! allows_isolation microvm || [ "${CONFIG[microvm_emulation]}" = true ] || [ -e "$KVM_DEVICE" ] ||
    die "isolation allows microvm, and this machine has no KVM ($KVM_DEVICE)" \
      "turn virtualization on in the firmware, or have it handed on to this machine; else take microvm out of isolation in $(config_file)"
}

# Where distributions keep the program that serves files to a machine.
microvm_file_server() {
  local file
  for file in /usr/libexec/virtiofsd /usr/lib/qemu/virtiofsd; do
    if [ -x "$file" ]; then
      printf '%s\n' "$file"
      return
    fi
  done
}
microvm_link() { printf '%s/microvm/current\n' "$TOOLS"; }
microvm_is_there() { allows_isolation microvm && [ -e "$(microvm_link)/boot/vmlinuz" ]; }
microvm_path() { readlink -f "$(microvm_link)"; }

# microvm_runs BIN: whether this machine's KVM boots the kernel; there are machines whose KVM runs none of a distribution.
microvm_runs() {
  local work code=0
  work=$(mktemp -d)
  {
    "$1/vm" pack --modules "$(microvm_path)/boot/modules" --agent "$1/agent" --out "$work/initrd" &&
      "$1/vm" try --root "$(microvm_path)" --initrd "$work/initrd" --limit 10s
  } >"$work/said" 2>&1 || code=1
  rm -rf "$work"
  return "$code"
}

# Without it Atoll runs all the same, and says to whoever asks for a virtual machine why there is none.
need_microvm() {
  local kernel version folder
  allows_isolation microvm || return 0
  require_kvm
  if ! is_debian_like || [ "$(uname -m)" != x86_64 ]; then
    say "  microvm: its programs are installed on Debian and Ubuntu for x86-64 only; sandboxes that ask for it are refused"
    return 0
  fi
  microvm_packages
  kernel=$(microvm_kernel_package)
  version=$(dpkg-query -W -f '${Version}' qemu-system-x86)-$kernel-$(apt-cache policy "$kernel" | sed -nE 's/^ *Candidate: //p')
  folder=$TOOLS/microvm/${version//[^a-zA-Z0-9.+~-]/_}
  if [ ! -e "$folder/boot/vmlinuz" ]; then
    step "virtual machines: $kernel and QEMU are put together (once)" install_microvm "$kernel" "$folder" || {
      say "  microvm: could not be put together (see $(setup_log)); sandboxes that ask for it are refused"
      return 0
    }
  fi
  [ "$(readlink "$(microvm_link)" 2>/dev/null)" = "$folder" ] || ln -sfn "$folder" "$(microvm_link)"
}

microvm_packages() {
  packages_need 'qemu-system-x86:/usr/bin/qemu-system-x86_64'
  # The emulator of Debian 12 brings its own; later ones are a package.
  [ -n "$(microvm_file_server)" ] || apt_install virtiofsd
}

# The newest kernel without hardware of its own; where there is none, the usual one.
microvm_kernel_package() {
  local each
  for each in linux-image-cloud-amd64 linux-image-virtual linux-image-amd64; do
    each=$(apt-cache depends --important "$each" 2>/dev/null | sed -nE 's/^ *Depends: (linux-image-[^ ]+)$/\1/p' | head -n 1)
    [ -z "$each" ] || break
  done
  printf '%s\n' "${each:-linux-image-amd64}"
}

install_microvm() {
  local kernel=$1 folder=$2 partial
  mkdir -p "$(dirname "$folder")"
  partial=$(mktemp -d "$(dirname "$folder")/.building.XXXXXX")
  chmod 0755 "$partial"
  if microvm_programs "$partial" && microvm_kernel "$kernel" "$partial"; then
    rm -rf "$folder"
    mv "$partial" "$folder"
  else
    rm -rf "$partial"
    return 1
  fi
}

microvm_programs() {
  local folder=$1 file name
  mkdir -p "$folder"/{boot/modules,dev,guest,proc,run,sys,tmp,lib64,usr/share/qemu} &&
    for file in /usr/bin/qemu-system-x86_64 "$(microvm_file_server)" /usr/lib/x86_64-linux-gnu/qemu/accel-*.so; do
      [ ! -e "$file" ] || { microvm_copy "$file" "$folder" && microvm_libraries "$file" "$folder"; } || return 1
    done
  for name in $MICROVM_FIRMWARE; do
    for file in "/usr/share/qemu/$name" "/usr/share/seabios/$name"; do
      [ ! -e "$file" ] || cp -L "$file" "$folder/usr/share/qemu/" || return 1
    done
  done
}

microvm_copy() {
  mkdir -p "$2$(dirname "$1")" && cp -L "$1" "$2$1"
}

# Each library at the path where its program looks for it.
microvm_libraries() {
  local file
  while read -r file; do
    [ -e "$2$file" ] || microvm_copy "$file" "$2" || return 1
  done < <(ldd "$1" | grep -oE '/[^ ]+')
}

microvm_kernel() {
  local package=$1 folder=$2 work name found
  work=$(mktemp -d "$folder/.kernel.XXXXXX")
  (cd "$work" && logged apt-get download -o APT::Sandbox::User=root "$package" && logged dpkg-deb -x ./*.deb files) &&
    cp "$work"/files/boot/vmlinuz-* "$folder/boot/vmlinuz" || return 1
  for name in $MICROVM_MODULES; do
    found=$(find "$work/files" -name "$name.ko*" | head -n 1)
    case $found in
      '') continue ;; # Built into the kernel.
      *.xz) xz -dc "$found" >"$folder/boot/modules/$name.ko" ;;
      *.zst) zstd -dqc "$found" >"$folder/boot/modules/$name.ko" ;;
      *) cp "$found" "$folder/boot/modules/$name.ko" ;;
    esac || return 1
    printf '%s.ko\n' "$name" >>"$folder/boot/modules/list"
  done
  rm -rf "$work"
}
