package agent

import (
	"errors"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// cleanPath refuses what is not an absolute, plain path. The agent's root is the sandbox's root, so that
// no link leads out of it.
func cleanPath(name string) (string, error) {
	if len(name) > 4095 || !strings.HasPrefix(name, "/") || strings.IndexByte(name, 0) >= 0 {
		return "", fail("INVALID_PATH", "a path is absolute, has at most 4095 bytes and no NUL")
	}
	for _, part := range strings.Split(name, "/") {
		if part == ".." {
			return "", fail("INVALID_PATH", "a path has no .. in it")
		}
		if len(part) > 255 {
			return "", fail("INVALID_PATH", "a file name has at most 255 bytes")
		}
	}
	return path.Clean(name), nil
}

// openFile opens without ever blocking on a FIFO or a device; the caller checks what it got.
func openFile(name string, flags int) (*os.File, error) {
	fd, err := unix.Open(name, flags|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// openRegular opens a regular file of a real file system for reading. What it is is learned before it is
// opened: opening a device or a FIFO may already do something.
func openRegular(name string, follow bool) (*os.File, *unix.Stat_t, error) {
	flags := unix.O_PATH | unix.O_CLOEXEC
	if !follow {
		flags |= unix.O_NOFOLLOW
	}
	place, err := unix.Open(name, flags, 0)
	if err != nil {
		return nil, nil, err
	}
	defer unix.Close(place)
	var status unix.Stat_t
	if err := unix.Fstat(place, &status); err != nil {
		return nil, nil, err
	}
	if err := checkRegular(place, &status); err != nil {
		return nil, nil, err
	}
	fd, err := unix.Open("/proc/self/fd/"+itoa(place), unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	_ = unix.SetNonblock(fd, false)
	return os.NewFile(uintptr(fd), name), &status, nil
}

func checkRegular(fd int, status *unix.Stat_t) error {
	switch status.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		return fail("NOT_A_FILE", "that is a directory")
	case unix.S_IFLNK:
		return fail("NOT_A_FILE", "that is a symbolic link")
	default:
		return fail("SPECIAL_FILE", "that is a device, a FIFO or a socket")
	}
	var system unix.Statfs_t
	if err := unix.Fstatfs(fd, &system); err != nil {
		return err
	}
	if isKernelFiles(int64(system.Type)) {
		return fail("SPECIAL_FILE", "that is a file of the kernel")
	}
	return nil
}

func isKernelFiles(kind int64) bool {
	switch kind {
	case unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.DEVPTS_SUPER_MAGIC, unix.CGROUP_SUPER_MAGIC,
		unix.CGROUP2_SUPER_MAGIC, unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC, unix.SECURITYFS_MAGIC:
		return true
	}
	return false
}

// refuseKernelFiles keeps changes away from /proc and its like.
func refuseKernelFiles(name string) error {
	var system unix.Statfs_t
	for {
		err := unix.Statfs(name, &system)
		if err == nil {
			break
		}
		if name == "/" {
			return err
		}
		name = path.Dir(name)
	}
	if isKernelFiles(int64(system.Type)) {
		return fail("SPECIAL_FILE", "files of the kernel are for commands alone: this call neither reads nor changes them")
	}
	return nil
}

// resolveTarget follows a final symbolic link, so that writing goes to the file that it names. Where a target
// leads is the kernel's to say: it begins in the directory that really holds the link, and a .. in it goes up
// from where the names before it have led.
func resolveTarget(name string) (string, error) {
	for range 40 {
		target, err := os.Readlink(name)
		if err != nil {
			return name, nil
		}
		if !path.IsAbs(target) {
			folder, err := physical(path.Dir(name))
			if err != nil {
				return "", err
			}
			target = folder + "/" + target
		}
		if len(target) > 4095 {
			return "", fail("INVALID_PATH", "the target of the link is too long")
		}
		if name, err = inItsFolder(target); err != nil {
			return "", err
		}
	}
	return "", fail("INVALID_PATH", "too many symbolic links")
}

// inItsFolder gives the path as one whose directory holds no link and no "..", as far as it is there.
func inItsFolder(target string) (string, error) {
	above, base := path.Split(target)
	if base == "" || base == "." || base == ".." {
		return physical(target) // a directory, or nothing that can be written
	}
	folder, err := physical(above)
	if errors.Is(err, unix.ENOENT) && !hasParent(above) {
		return path.Clean(target), nil // directories above are made
	}
	if err != nil {
		return "", err
	}
	return path.Join(folder, base), nil
}

func hasParent(name string) bool {
	return slices.Contains(strings.Split(name, "/"), "..")
}

// physical is the path of a directory without links, as the kernel has it. One that is not to be found under
// that path, such as a directory of another mount namespace, is refused.
func physical(folder string) (string, error) {
	place, err := unix.Open(folder, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(place)
	name, err := os.Readlink("/proc/self/fd/" + itoa(place))
	if err != nil {
		return "", err
	}
	var here, there unix.Stat_t
	if err := unix.Fstat(place, &here); err != nil {
		return "", err
	}
	if unix.Lstat(name, &there) != nil || here.Dev != there.Dev || here.Ino != there.Ino {
		return "", fail("INVALID_PATH", "the directory of the link has no path here")
	}
	return name, nil
}
