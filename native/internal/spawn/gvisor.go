package spawn

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// gvisorArguments is how every call of runsc begins. The root file system is the node's overlay, so runsc makes none of
// its own; programs of other users' (sudo) may raise their rights inside, which changes nothing outside.
func gvisorArguments(r *Request) []string {
	return []string{
		r.Runtime,
		"--root=" + r.StateRoot,
		"--log=" + r.Log,
		"--platform=systrap",
		"--network=sandbox",
		"--overlay2=none",
		"--host-settings=ignore",
		"--host-uds=none",
		"--allow-suid",
		// What differs is what has to: address, name, token.
		"--restore-spec-validation=ignore",
	}
}

// mountBinds shows further directories with their ids moved into the sandbox's range.
func mountBinds(r *Request, userns int) error {
	if r.Driver == driverGvisor {
		// Nobody inside may write to it: what it shows changes from outside, while the sandbox runs.
		live := filepath.Join(layers(r), "live")
		if err := os.Mkdir(live, 0o755); err != nil {
			return failure("MOUNT_FAILED", "%s: %v", live, err)
		}
	}
	for _, bind := range r.Binds {
		place := filepath.Join(layers(r), bind.Name)
		if err := mountMapped(bind.Source, place, userns, bind.ReadOnly); err != nil {
			return err
		}
		attributes := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV}
		if err := unix.MountSetattr(unix.AT_FDCWD, place, unix.AT_SYMLINK_NOFOLLOW, &attributes); err != nil {
			return failure("MOUNT_FAILED", "%s: %v", place, err)
		}
	}
	return nil
}

// reading is how memory comes back: past the page cache, which costs two thirds of the time, when the disk has it and the
// file system can; else behind processes that move already.
func reading(r *Request) string {
	if r.Settled {
		file, err := unix.Open(filepath.Join(r.Restore, "pages.img"), unix.O_RDONLY|unix.O_DIRECT|unix.O_CLOEXEC, 0)
		if err == nil {
			unix.Close(file)
			return "--direct"
		}
	}
	return "--background"
}
