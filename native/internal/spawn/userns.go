package spawn

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

const maxNamespaces = 4096

type idRange struct {
	base  uint32
	count uint32
}

// namespaces keeps one user namespace per id range: the id maps of a slot outlive its sandboxes.
type namespaces struct {
	mu    sync.Mutex
	known map[idRange]int
}

func newNamespaces() *namespaces {
	return &namespaces{known: make(map[idRange]int)}
}

// get is a descriptor of the user namespace that maps 0..count to base.
func (n *namespaces) get(base, count uint32) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	wanted := idRange{base, count}
	if fd, ok := n.known[wanted]; ok {
		return fd, nil
	}
	if len(n.known) >= maxNamespaces {
		for other, fd := range n.known {
			unix.Close(fd)
			delete(n.known, other)
			break
		}
	}
	fd, err := makeNamespace(wanted)
	if err != nil {
		return -1, failure("NAMESPACE_FAILED", "user namespace: %v", err)
	}
	n.known[wanted] = fd
	return fd, nil
}

// prepare makes the namespace of a range that is likely to be asked for next.
func (n *namespaces) prepare(base, count uint32) {
	_, _ = n.get(base, count)
}

// makeNamespace makes a user namespace that belongs to its own first id, not to root: what the kernel counts for
// the owner of a namespace (inotify instances, queued signals, timers, message queues, locked memory) is then
// counted for this range alone, and one sandbox cannot use up what all others have.
func makeNamespace(wanted idRange) (int, error) {
	holder, err := holdOwnedBy(int(wanted.base))
	if err != nil {
		return -1, err
	}
	defer holder.end()
	folder := "/proc/" + strconv.Itoa(holder.pid)
	line := []byte(fmt.Sprintf("0 %d %d\n", wanted.base, wanted.count))
	for _, name := range []string{"/uid_map", "/gid_map"} {
		if err := os.WriteFile(folder+name, line, 0); err != nil {
			return -1, err
		}
	}
	return unix.Open(folder+"/ns/user", unix.O_RDONLY|unix.O_CLOEXEC, 0)
}

// holder is a process that does nothing in a new user namespace.
type holder struct {
	pid   int
	ended chan struct{}
	gone  chan struct{}
}

// holdOwnedBy forks a holder whose namespace belongs to this id. The thread that forks gives up its ids for that, and
// ends when the holder does.
func holdOwnedBy(id int) (*holder, error) {
	made := &holder{ended: make(chan struct{}), gone: make(chan struct{})}
	forked := make(chan error, 1)
	go func() {
		defer close(made.gone)
		runtime.LockOSThread() // never unlocked
		err := takeIds(id)
		if err == nil {
			made.pid, err = forkHolder(unix.Getpid())
		}
		forked <- err
		if err != nil {
			return
		}
		<-made.ended
		_ = unix.Kill(made.pid, unix.SIGKILL)
		for {
			if _, err := unix.Wait4(made.pid, nil, unix.WALL, nil); err != unix.EINTR {
				return
			}
		}
	}()
	return made, <-forked
}

func (h *holder) end() {
	close(h.ended)
	<-h.gone
}

// takeIds is for the calling thread alone; the C library's calls would change those of all threads.
func takeIds(id int) error {
	for _, call := range []uintptr{unix.SYS_SETRESGID, unix.SYS_SETRESUID} {
		if _, _, errno := unix.RawSyscall(call, uintptr(id), uintptr(id), uintptr(id)); errno != 0 {
			return errno
		}
	}
	return nil
}

// forkHolder makes a copy of this process with only the calling thread, which may do nothing but call the kernel:
// a program of its own would take ten times as long to start. It must not grow its stack, allocate or be preempted.
// The child ends with the thread that forked it.
//
//go:nosplit
//go:norace
func forkHolder(parent int) (int, error) {
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, unix.CLONE_NEWUSER, 0, 0, 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	if pid == 0 {
		unix.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0, 0)
		// A parent that was killed before that call leaves another one.
		if now, _, _ := unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0); now == uintptr(parent) {
			for {
				unix.RawSyscall6(unix.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
			}
		}
		for {
			unix.RawSyscall(unix.SYS_EXIT_GROUP, 1, 0, 0)
		}
	}
	return int(pid), nil
}
