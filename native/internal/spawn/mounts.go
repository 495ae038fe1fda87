package spawn

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	secbitNoSetuidFixup = 1 << 2
	unifiedCgroup       = "/sys/fs/cgroup/unified"
)

// mountRoot makes the root file system in the calling thread's mount namespace, which is its own: id-mapped
// copies of the layers and of the tree, and the overlay over them.
func mountRoot(r *Request, namespaces *owned) error {
	userns := namespaces.users
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return failure("MOUNT_FAILED", "making mounts private: %v", err)
	}
	if err := hideUnifiedCgroup(); err != nil {
		return err
	}
	places := layers(r)
	if err := mountPlaces(places); err != nil {
		return err
	}
	if err := showNamespace(filepath.Join(places, "user"), userns); err != nil {
		return err
	}
	if r.Kvm {
		if err := makeDevice(filepath.Join(places, "kvm"), 10, 232); err != nil {
			return err
		}
	}
	for _, device := range r.Devices {
		if err := makeDevice(filepath.Join(places, device.Name), device.Major, device.Minor); err != nil {
			return err
		}
	}
	if r.Tap != nil {
		if err := makeDevice(filepath.Join(places, "tun"), 10, 200); err != nil {
			return err
		}
		if err := makeTap(r); err != nil {
			return err
		}
	}
	if r.Nesting != nil {
		if err := showNamespace(filepath.Join(places, "network"), namespaces.network); err != nil {
			return err
		}
		if err := makeRoom(r); err != nil {
			return err
		}
	}
	lowers := make([]string, 0, len(r.Overlay.Lowers))
	for i, lower := range r.Overlay.Lowers {
		place := filepath.Join(places, fmt.Sprintf("l%d", i))
		if err := mountMapped(lower, place, userns, true); err != nil {
			return err
		}
		lowers = append(lowers, place)
	}
	if err := mountBinds(r, userns); err != nil {
		return err
	}
	tree := filepath.Join(places, "tree")
	if err := mountMapped(filepath.Dir(r.Overlay.Upper), tree, userns, false); err != nil {
		return err
	}
	upper := filepath.Join(tree, filepath.Base(r.Overlay.Upper))
	work := filepath.Join(tree, filepath.Base(r.Overlay.Work))
	return mountOverlay(r, lowers, upper, work)
}

// layers is where a start keeps what only its own mount namespace sees.
func layers(r *Request) string { return filepath.Join(r.Bundle, "layers") }

// mountPlaces makes a small file system for the mount points, and for a null device of the container's own: the
// runtime makes the sandbox's root user the owner of its standard streams, and the host's /dev/null must not
// become a guest's.
func mountPlaces(places string) error {
	if err := os.MkdirAll(places, 0o755); err != nil {
		return failure("MOUNT_FAILED", "%s: %v", places, err)
	}
	if err := unix.Mount("tmpfs", places, "tmpfs", unix.MS_NOSUID|unix.MS_NOEXEC, "size=64k,mode=755"); err != nil {
		return failure("MOUNT_FAILED", "%s: %v", places, err)
	}
	null := filepath.Join(places, "null")
	if err := unix.Mknod(null, unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))); err != nil {
		return failure("MOUNT_FAILED", "%s: %v", null, err)
	}
	return nil
}

// makeDevice makes a node that everybody inside may open. The host's own is root's, whom nobody inside is.
func makeDevice(place string, major, minor uint32) error {
	if err := unix.Mknod(place, unix.S_IFCHR|0o666, int(unix.Mkdev(major, minor))); err != nil {
		return failure("MOUNT_FAILED", "%s: %v", place, err)
	}
	if err := unix.Chmod(place, 0o666); err != nil {
		return failure("MOUNT_FAILED", "%s: %v", place, err)
	}
	return nil
}

// showNamespace gives a namespace the path under which config.json names it.
func showNamespace(place string, namespace int) error {
	if err := os.WriteFile(place, nil, 0o600); err != nil {
		return failure("MOUNT_FAILED", "%s: %v", place, err)
	}
	source := fmt.Sprintf("/proc/thread-self/fd/%d", namespace)
	if err := unix.Mount(source, place, "", unix.MS_BIND, ""); err != nil {
		return failure("MOUNT_FAILED", "%s: %v", place, err)
	}
	return nil
}

// mountMapped shows a directory with its ids moved into the sandbox's range. A sandbox may have written what is on the
// way to it: no link is followed.
func mountMapped(source, place string, userns int, readOnly bool) error {
	if err := os.MkdirAll(place, 0o755); err != nil {
		return failure("MOUNT_FAILED", "%s: %v", place, err)
	}
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_SYMLINKS}
	found, err := unix.Openat2(unix.AT_FDCWD, source, &how)
	if err != nil {
		return failure("LAYER_MISSING", "%s: %v", source, err)
	}
	defer unix.Close(found)
	tree, err := unix.OpenTree(found, "", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_EMPTY_PATH)
	if err != nil {
		return failure("LAYER_MISSING", "%s: %v", source, err)
	}
	defer unix.Close(tree)
	attributes := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_IDMAP, Userns_fd: uint64(userns)}
	if readOnly {
		attributes.Attr_set |= unix.MOUNT_ATTR_RDONLY
	}
	if err := unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH, &attributes); err != nil {
		return failure("MOUNT_FAILED", "id map of %s: %v", source, err)
	}
	if err := unix.MoveMount(tree, "", unix.AT_FDCWD, place, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return failure("MOUNT_FAILED", "%s: %v", place, err)
	}
	return nil
}

// mountOverlay mounts as the sandbox's root user with all capabilities kept: mounted as the host's root, an
// overlay over an id-mapped upper is silently read-only. The thread ends with the request, its
// credentials with it.
func mountOverlay(r *Request, lowers []string, upper, work string) error {
	if err := os.MkdirAll(r.Overlay.Target, 0o755); err != nil {
		return failure("MOUNT_FAILED", "%s: %v", r.Overlay.Target, err)
	}
	if err := unix.Prctl(unix.PR_SET_SECUREBITS, secbitNoSetuidFixup, 0, 0, 0); err != nil {
		return failure("MOUNT_FAILED", "secure bits: %v", err)
	}
	base := int(r.UidBase)
	_ = unix.Setfsgid(base)
	_ = unix.Setfsuid(base)
	options := "lowerdir=" + strings.Join(lowers, ":") + ",upperdir=" + upper + ",workdir=" + work
	err := failure("MOUNT_FAILED", "the overlay's options are too long")
	if len(options) < os.Getpagesize() {
		err = unix.Mount("overlay", r.Overlay.Target, "overlay", unix.MS_NODEV, options)
	}
	_ = unix.Setfsuid(0)
	_ = unix.Setfsgid(0)
	_ = unix.Prctl(unix.PR_SET_SECUREBITS, 0, 0, 0, 0)
	if err != nil {
		return failure("MOUNT_FAILED", "overlay: %v", err)
	}
	var system unix.Statfs_t
	if err := unix.Statfs(r.Overlay.Target, &system); err != nil {
		return failure("MOUNT_FAILED", "overlay: %v", err)
	}
	if system.Flags&unix.ST_RDONLY != 0 {
		return failure("MOUNT_FAILED", "the overlay came up read-only")
	}
	return nil
}

// hideUnifiedCgroup covers the second hierarchy of a hybrid host: the runtime would leave directories there
// that nobody removes.
func hideUnifiedCgroup() error {
	var system unix.Statfs_t
	if err := unix.Statfs(unifiedCgroup, &system); err != nil {
		return nil
	}
	if system.Type == unix.CGROUP2_SUPER_MAGIC {
		if err := unix.Unmount(unifiedCgroup, unix.MNT_DETACH); err != nil {
			return failure("MOUNT_FAILED", "%s: %v", unifiedCgroup, err)
		}
	}
	if err := unix.Mount("tmpfs", unifiedCgroup, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "size=1m,mode=755"); err != nil {
		return failure("MOUNT_FAILED", "%s: %v", unifiedCgroup, err)
	}
	return nil
}
