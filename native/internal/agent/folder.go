package agent

import (
	"archive/tar"
	"errors"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// folder is the directory of an import; everything in it is reached from its descriptor, by names alone.
type folder struct {
	path string
	fd   int
}

func openFolder(text string) (*folder, error) {
	name, err := cleanPath(text)
	if err != nil {
		return nil, err
	}
	if err := refuseKernelFiles(name); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(name, 0o755); err != nil {
		return nil, err
	}
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return &folder{path: name, fd: fd}, nil
}

func (f *folder) close() { _ = unix.Close(f.fd) }

// spool is a file without a name.
func (f *folder) spool() (*os.File, error) {
	name := path.Base(temporaryName("/x"))
	fd, err := unix.Openat(f.fd, name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	_ = unix.Unlinkat(f.fd, name, 0)
	return os.NewFile(uintptr(fd), name), nil
}

// above is the directory that holds the last name; those in between are made. The caller closes it.
func (f *folder) above(names []string) (int, error) {
	fd, err := unix.Openat(f.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	for _, name := range names[:len(names)-1] {
		if err != nil {
			break
		}
		_ = unix.Mkdirat(fd, name, 0o755)
		next, failed := unix.Openat(fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		_ = unix.Close(fd)
		fd, err = next, failed
	}
	if errors.Is(err, unix.ELOOP) {
		err = unix.ENOTDIR
	}
	return fd, err
}

// in does its work in the directory above, which may be made.
func (f *folder) in(names []string, work func(fd int, name string) error) error {
	fd, err := f.above(names)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return work(fd, names[len(names)-1])
}

func (f *folder) makeFolder(names []string, each *packed) error {
	return f.in(names, func(fd int, name string) error {
		err := unix.Mkdirat(fd, name, 0o755)
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return err
		}
		made, err := unix.Openat(fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return unix.ENOTDIR
		}
		file := os.NewFile(uintptr(made), name)
		defer file.Close()
		return finish(file, each)
	})
}

// arriving is a file of an archive that has no name, or one of its own, until it is whole: one that breaks off leaves
// what was there before.
type arriving struct {
	file            *os.File
	above           int
	name, temporary string
}

// create begins a file that is to replace what has the name, unless that is a directory.
func (f *folder) create(names []string) (*arriving, error) {
	above, err := f.above(names)
	if err != nil {
		return nil, err
	}
	a := &arriving{above: above, name: names[len(names)-1]}
	if err = refuseFolder(above, a.name); err == nil {
		if a.file = nameless(above, "."); a.file != nil {
			return a, nil
		}
		a.temporary = path.Base(temporaryName("/x"))
		flags := unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
		var fd int
		if fd, err = unix.Openat(above, a.temporary, flags, 0o600); err == nil {
			a.file = os.NewFile(uintptr(fd), a.name)
			return a, nil
		}
	}
	_ = unix.Close(above)
	return nil, err
}

// arrive gives the whole file its name.
func (a *arriving) arrive(each *packed) error {
	if err := finish(a.file, each); err != nil {
		return err
	}
	if a.temporary == "" {
		temporary := path.Base(temporaryName("/x"))
		if err := give(a.file, a.above, temporary); err != nil {
			return err
		}
		a.temporary = temporary
	}
	if err := a.file.Close(); err != nil {
		return err
	}
	return place(a.above, a.temporary, a.name)
}

// close takes away what did not arrive.
func (a *arriving) close() {
	_ = a.file.Close()
	if a.temporary != "" {
		_ = unix.Unlinkat(a.above, a.temporary, 0)
	}
	_ = unix.Close(a.above)
}

// replace makes something under another name and then gives it its own, unless a directory has that.
func replace(fd int, name string, create func(temporary string) error) error {
	if err := refuseFolder(fd, name); err != nil {
		return err
	}
	temporary := path.Base(temporaryName("/x"))
	if err := create(temporary); err != nil {
		return err
	}
	return place(fd, temporary, name)
}

// place gives what is whole its name in the same directory, in the place of whatever has it, unless that is a directory.
func place(fd int, temporary, name string) error {
	// A link tells those who watch that the file is new; a rename, that it was replaced.
	err := unix.Linkat(fd, temporary, fd, name, 0)
	if err != nil {
		err = unix.Renameat(fd, temporary, fd, name)
	}
	// A rename to another name of the same file leaves both.
	_ = unix.Unlinkat(fd, temporary, 0)
	return err
}

// refuseFolder says before anything is made what the rename would say at last.
func refuseFolder(fd int, name string) error {
	var status unix.Stat_t
	err := unix.Fstatat(fd, name, &status, unix.AT_SYMLINK_NOFOLLOW)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err == nil && status.Mode&unix.S_IFMT == unix.S_IFDIR {
		return unix.EISDIR
	}
	return err
}

func (f *folder) link(names []string, each *packed) error {
	if each.target == "" || len(each.target) > longestTarget || strings.IndexByte(each.target, 0) >= 0 {
		return fail("INVALID_PATH", "the archive has a link without a plain target")
	}
	return f.in(names, func(fd int, name string) error {
		return replace(fd, name, func(temporary string) error {
			if err := unix.Symlinkat(each.target, fd, temporary); err != nil {
				return err
			}
			_ = unix.Fchownat(fd, temporary, each.owner[0], each.owner[1], unix.AT_SYMLINK_NOFOLLOW)
			return nil
		})
	})
}

// hardLink is a second name of a file that the same archive, or this directory, has.
func (f *folder) hardLink(names []string, each *packed) error {
	target, err := parts(each.target)
	if err != nil || len(target) == 0 {
		return fail("INVALID_PATH", "the archive has a link that leads outside")
	}
	return f.in(target, func(from int, old string) error {
		var status unix.Stat_t
		if err := unix.Fstatat(from, old, &status, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return err
		}
		if status.Mode&unix.S_IFMT != unix.S_IFREG {
			return fail("NOT_A_FILE", "the archive has a hard link to something that is no file")
		}
		return f.in(names, func(fd int, name string) error {
			return replace(fd, name, func(temporary string) error { return unix.Linkat(from, old, fd, temporary, 0) })
		})
	})
}

// finish gives a file or directory its owner, mode and time.
func finish(file *os.File, each *packed) error {
	fd := int(file.Fd())
	if each.owner[0] >= 0 {
		// An owner that this sandbox cannot have stays root.
		_ = unix.Fchown(fd, each.owner[0], each.owner[1])
	}
	mode, err := each.modeOf(fd)
	if err != nil {
		return err
	}
	if err := unix.Fchmod(fd, mode); err != nil {
		return err
	}
	if !each.time.IsZero() && each.kind != tar.TypeDir {
		// Nanoseconds since 1970, which Futimes counts in, end with the year 2262.
		at := unix.Timespec{Sec: each.time.Unix(), Nsec: int64(each.time.Nanosecond())}
		_ = unix.UtimesNanoAt(unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(fd), []unix.Timespec{at, at}, 0)
	}
	return nil
}

// modeOf is the mode of what is made. What ran as somebody else does not run as root because that owner is not here.
func (p *packed) modeOf(fd int) (uint32, error) {
	const runsAs = unix.S_ISUID | unix.S_ISGID
	if p.kind == tar.TypeDir || p.mode&runsAs == 0 {
		return p.mode, nil
	}
	var status unix.Stat_t
	if err := unix.Fstat(fd, &status); err != nil {
		return 0, err
	}
	// The kernel takes some numbers for "as it is": only what it made of them counts.
	if int(status.Uid) != p.owner[0] || int(status.Gid) != p.owner[1] {
		return p.mode &^ runsAs, nil
	}
	return p.mode, nil
}
