package agent

import (
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// owner is whom new files and directories belong to; nil is root, who runs the agent.
type owner struct {
	Uid uint32 `json:"uid"`
	Gid uint32 `json:"gid"`
}

// check refuses the numbers that mean "as it is" to the kernel.
func (o *owner) check() error {
	if o != nil && (o.Uid == ^uint32(0) || o.Gid == ^uint32(0)) {
		return fail("INVALID_REQUEST", "owner is out of range")
	}
	return nil
}

// makeParents makes the directories above a path; those that are there stay whose they are.
func (o *owner) makeParents(name string) error {
	if o == nil {
		return makeParents(name)
	}
	return o.makeAll(path.Dir(name))
}

// makeAll makes a directory and those above it.
func (o *owner) makeAll(name string) error {
	at, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { unix.Close(at) }()
	for _, part := range strings.Split(name, "/") {
		if part == "" {
			continue
		}
		next, err := unix.Openat(at, part, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err == unix.ENOENT {
			next, err = o.makeIn(at, part, 0o755)
		}
		if err != nil {
			return &os.PathError{Op: "mkdir", Path: name, Err: err}
		}
		unix.Close(at)
		at = next
	}
	return nil
}

// makeOne makes a directory whose parents are there.
func (o *owner) makeOne(name string, mode uint32) error {
	above, err := unix.Open(path.Dir(name), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(above)
	made, err := o.makeIn(above, path.Base(name), mode)
	if err != nil {
		return err
	}
	return unix.Close(made)
}

// makeIn makes a directory in one that is open, and opens it. Whoever may write there can put something else
// into its place before it changes hands, so only what is empty and root's does, and never by its name: of a
// directory that was there already nobody gets more than they could have made.
func (o *owner) makeIn(above int, name string, mode uint32) (int, error) {
	if err := unix.Mkdirat(above, name, 0o700); err != nil {
		return -1, err
	}
	made, err := unix.Openat(above, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := o.handOver(made, mode); err != nil {
		unix.Close(made)
		_ = unix.Unlinkat(above, name, unix.AT_REMOVEDIR)
		return -1, err
	}
	return made, nil
}

func (o *owner) handOver(made int, mode uint32) error {
	var status unix.Stat_t
	if err := unix.Fstat(made, &status); err != nil {
		return err
	}
	var entries [4096]byte
	size, err := unix.Getdents(made, entries[:])
	if err != nil {
		return err
	}
	_, _, names := unix.ParseDirent(entries[:size], -1, nil)
	if len(names) > 0 || int(status.Uid) != os.Geteuid() {
		return fail("BUSY", "the directory was replaced while it was made")
	}
	if err := unix.Fchown(made, int(o.Uid), int(o.Gid)); err != nil {
		return err
	}
	return unix.Fchmod(made, mode)
}
