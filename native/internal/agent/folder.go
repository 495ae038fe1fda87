package agent

import (
	"archive/tar"
	"errors"
	"os"
	"path"
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

// draft is a file that has its name only when it is whole: what had the name stays until then.
type draft struct {
	file            *os.File
	folder          int
	temporary, name string
	placed          bool
}

// create begins a file that takes the place of what is there, unless that is a directory.
func (f *folder) create(names []string) (*draft, error) {
	fd, err := f.above(names)
	if err != nil {
		return nil, err
	}
	name := names[len(names)-1]
	var status unix.Stat_t
	if unix.Fstatat(fd, name, &status, unix.AT_SYMLINK_NOFOLLOW) == nil && status.Mode&unix.S_IFMT == unix.S_IFDIR {
		unix.Close(fd)
		return nil, unix.EISDIR
	}
	begun := &draft{folder: fd, temporary: temporaryName(name), name: name}
	flags := unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
	file, err := unix.Openat(fd, begun.temporary, flags, 0o600)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	begun.file = os.NewFile(uintptr(file), name)
	return begun, nil
}

func (d *draft) place() error {
	d.placed = true
	return place(d.folder, d.temporary, d.name)
}

func (d *draft) close() {
	if !d.placed {
		_ = unix.Unlinkat(d.folder, d.temporary, 0)
	}
	d.file.Close()
	unix.Close(d.folder)
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

func (f *folder) link(names []string, each *packed) error {
	if each.target == "" || len(each.target) > longestTarget || strings.IndexByte(each.target, 0) >= 0 {
		return fail("INVALID_PATH", "the archive has a link without a plain target")
	}
	return f.in(names, func(fd int, name string) error {
		temporary := temporaryName(name)
		if err := unix.Symlinkat(each.target, fd, temporary); err != nil {
			return err
		}
		_ = unix.Fchownat(fd, temporary, each.owner[0], each.owner[1], unix.AT_SYMLINK_NOFOLLOW)
		return place(fd, temporary, name)
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
			temporary := temporaryName(name)
			if err := unix.Linkat(from, old, fd, temporary, 0); err != nil {
				return err
			}
			return place(fd, temporary, name)
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
	mode := each.mode
	if mode == 0 {
		mode = 0o644
		if each.kind == tar.TypeDir {
			mode = 0o755
		}
	}
	if err := unix.Fchmod(fd, mode); err != nil {
		return err
	}
	if !each.time.IsZero() && each.kind != tar.TypeDir {
		at := unix.NsecToTimeval(each.time.UnixNano())
		_ = unix.Futimes(fd, []unix.Timeval{at, at})
	}
	return nil
}
