package spawn

import (
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	allSeals   = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
	maxProgram = 64 << 20
)

// programs keeps sealed copies of runtimes in memory. A runtime that starts from a file copies itself into one first,
// so that no container can write to the program of the host (CVE-2019-5736), and starts a second time: from a
// copy that is sealed already it does not need to.
type programs struct {
	mu    sync.Mutex
	known map[string]program
}

// program is the copy of a file as it was.
type program struct {
	of   identity
	copy string
}

// identity changes when a file is replaced or written to.
type identity struct {
	device, inode    uint64
	size             int64
	modified, status unix.Timespec
}

func newPrograms() *programs { return &programs{known: make(map[string]program)} }

// sealed is a path of the program's copy; that of the program itself when no copy can be made.
func (p *programs) sealed(path string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var status unix.Stat_t
	if err := unix.Stat(path, &status); err != nil {
		return path
	}
	now := identity{status.Dev, status.Ino, status.Size, status.Mtim, status.Ctim}
	known, found := p.known[path]
	if !found || known.of != now {
		made, err := seal(path)
		if err != nil {
			return path
		}
		// An older copy stays open: a start may be about to use it.
		known = program{now, made}
		p.known[path] = known
	}
	return known.copy
}

// seal answers a path of the copy. It leads by this process, not by whoever looks: a child that is about to run the copy may
// have had its descriptor taken for another one by then.
func seal(path string) (string, error) {
	// What /proc calls this process, which may be of another PID namespace.
	self, err := os.Readlink("/proc/self")
	if err != nil {
		return "", err
	}
	source, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer source.Close()
	fd, err := unix.MemfdCreate("runtime", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_EXEC)
	if err == unix.EINVAL { // a kernel before 6.3
		fd, err = unix.MemfdCreate("runtime", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return "", err
	}
	target := os.NewFile(uintptr(fd), "runtime")
	defer target.Close()
	if _, err := io.Copy(target, io.LimitReader(source, maxProgram)); err != nil {
		return "", err
	}
	if err := target.Chmod(0o755); err != nil {
		return "", err
	}
	if _, err := unix.FcntlInt(target.Fd(), unix.F_ADD_SEALS, allSeals); err != nil {
		return "", err
	}
	// For reading only: what is open for writing cannot be run.
	reopened, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("/proc/%s/fd/%d", self, reopened), nil
}
