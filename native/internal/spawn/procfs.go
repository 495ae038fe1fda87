package spawn

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"atoll.dev/native/internal/procfs"
)

const fuseDevice = "/dev/fuse"

// ownProc is a file system that the agent serves, until its files lie over those of /proc.
type ownProc struct {
	device *os.File
	kernel []*os.File
	trees  []int
}

// mountOwnProc mounts it where only the calling thread's mount namespace sees it; nil on a machine that has no
// FUSE, where a sandbox sees the machine's numbers. It belongs to the host's root and is read-only: whatever its server
// says, nothing in it can be run, or opened as a device.
func mountOwnProc(r *Request) (*ownProc, error) {
	descriptor, err := unix.Open(fuseDevice, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, failure("MOUNT_FAILED", "%s: %v", fuseDevice, err)
	}
	o := &ownProc{device: os.NewFile(uintptr(descriptor), fuseDevice)}
	place := filepath.Join(layers(r), "proc")
	err = os.Mkdir(place, 0o755)
	if err == nil {
		options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", descriptor)
		err = unix.Mount("proc", place, "fuse", unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, options)
	}
	if isMissing(err) {
		o.close()
		return nil, nil
	}
	if err == nil {
		err = o.open(place)
	}
	if err != nil {
		o.close()
		return nil, failure("MOUNT_FAILED", "%s: %v", place, err)
	}
	return o, nil
}

// open opens its files, and those of the kernel that they will cover. Whoever looks a file up waits for its server: until
// there is an agent, that is this process, and afterwards none is looked up.
func (o *ownProc) open(place string) error {
	begun := make(chan error, 1)
	go func() {
		err := procfs.Begin(o.device)
		if err != nil {
			// The connection ends with its last descriptor, and nobody waits.
			o.device.Close()
		}
		begun <- err
	}()
	err := o.openTrees(place)
	if err != nil {
		// Then nothing more is asked.
		_ = unix.Unmount(place, unix.MNT_FORCE)
	}
	if failed := <-begun; failed != nil {
		return failed
	}
	if err == nil {
		o.kernel, err = procfs.Open()
	}
	return err
}

func (o *ownProc) openTrees(place string) error {
	for _, name := range procfs.Names {
		tree, err := unix.OpenTree(unix.AT_FDCWD, filepath.Join(place, name), unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_SYMLINK_NOFOLLOW)
		if err != nil {
			return err
		}
		o.trees = append(o.trees, tree)
	}
	return nil
}

func (o *ownProc) close() {
	o.device.Close()
	procfs.Close(o.kernel)
	for _, tree := range o.trees {
		unix.Close(tree)
	}
}

// inherited is what the agent takes along.
func (o *ownProc) inherited() []*os.File {
	return append([]*os.File{o.device}, o.kernel...)
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

// cover lays its files over those of a container.
func (o *ownProc) cover(pid int) error {
	// A thread that is in the container's namespace finds the container's programs: it does this and nothing else.
	_, err := onOwnThread(func() (int, error) { return 0, attach(pid, o.trees) })
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
