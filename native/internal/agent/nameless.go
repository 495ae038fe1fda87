package agent

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// nameless makes a file in a directory that has no name there yet: of one that never gets any nothing is left, however
// its agent ends. It is nil where the file system has no such files.
func nameless(at int, folder string) *os.File {
	fd, err := unix.Openat(at, folder, unix.O_TMPFILE|unix.O_WRONLY|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(fd), folder)
}

// give gives a nameless file a name that is free.
func give(file *os.File, at int, name string) error {
	fd := int(file.Fd())
	err := unix.Linkat(fd, "", at, name, unix.AT_EMPTY_PATH)
	if errors.Is(err, unix.ENOENT) {
		// Before 6.10, this needs a right over the whole machine.
		err = unix.Linkat(unix.AT_FDCWD, "/proc/self/fd/"+itoa(fd), at, name, unix.AT_SYMLINK_FOLLOW)
	}
	return err
}
