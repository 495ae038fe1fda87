package spawn

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"atoll.dev/native/internal/procfs"
)

const fuseDevice = "/dev/fuse"

// ownProc is a file system that the agent serves, until its files lie over those of /proc.
type ownProc struct {
	device *os.File
	place  string
}

// mountOwnProc mounts it where only the calling thread's mount namespace sees it; nil on a machine that has no
// FUSE, where a sandbox sees the machine's numbers. It belongs to the host's root and is read-only: whatever its server
// says, nothing in it can be run, or opened as a device.
func mountOwnProc(r *Request) (*ownProc, error) {
	device, err := os.OpenFile(fuseDevice, os.O_RDWR, 0)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, failure("MOUNT_FAILED", "%v", err)
	}
	place := filepath.Join(layers(r), "proc")
	err = os.Mkdir(place, 0o755)
	if err == nil {
		options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device.Fd())
		err = unix.Mount("proc", place, "fuse", unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, options)
	}
	if err != nil {
		device.Close()
		if isMissing(err) {
			return nil, nil
		}
		return nil, failure("MOUNT_FAILED", "%s: %v", place, err)
	}
	return &ownProc{device, place}, nil
}

// isMissing tells that this machine has no such device or file system, or keeps it from its root.
func isMissing(err error) bool {
	for _, each := range []unix.Errno{unix.ENOENT, unix.ENODEV, unix.ENXIO, unix.EPERM, unix.EACCES} {
		if errors.Is(err, each) {
			return true
		}
	}
	return false
}

// cover lays its files over those of a container whose agent is about to answer; one that does not within the limit is
// ended.
func (o *ownProc) cover(pid int, limit time.Duration) error {
	// With this descriptor open the kernel would wait for an answer even when the agent has ended.
	o.device.Close()
	impatient := time.AfterFunc(limit, func() { _ = unix.Kill(pid, unix.SIGKILL) })
	defer impatient.Stop()
	trees := make([]int, 0, len(procfs.Names))
	defer func() {
		for _, tree := range trees {
			unix.Close(tree)
		}
	}()
	for _, name := range procfs.Names {
		tree, err := unix.OpenTree(unix.AT_FDCWD, filepath.Join(o.place, name), unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_SYMLINK_NOFOLLOW)
		if err != nil {
			return failure("MOUNT_FAILED", "%s of the agent: %v", name, err)
		}
		trees = append(trees, tree)
	}
	// A thread that is in the container's namespace finds the container's programs: it does this and nothing else.
	_, err := onOwnThread(func() (int, error) { return 0, attach(pid, trees) })
	return err
}

func attach(pid int, trees []int) error {
	namespace, err := unix.Open(fmt.Sprintf("/proc/%d/ns/mnt", pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return failure("MOUNT_FAILED", "the container has ended: %v", err)
	}
	defer unix.Close(namespace)
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return failure("MOUNT_FAILED", "a thread of its own: %v", err)
	}
	if err := unix.Setns(namespace, unix.CLONE_NEWNS); err != nil {
		return failure("MOUNT_FAILED", "mount namespace: %v", err)
	}
	for i, name := range procfs.Names {
		if err := unix.MoveMount(trees[i], "", unix.AT_FDCWD, "/proc/"+name, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
			return failure("MOUNT_FAILED", "/proc/%s: %v", name, err)
		}
	}
	return nil
}
