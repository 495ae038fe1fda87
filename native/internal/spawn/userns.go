package spawn

import (
	"fmt"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// HoldArgument makes this program a process that only keeps its user namespace alive until its input ends.
const HoldArgument = "hold-user-namespace"

// Hold is what the program does with HoldArgument.
func Hold() {
	var one [1]byte
	_, _ = unix.Read(0, one[:])
}

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
	hold, release, err := os.Pipe()
	if err != nil {
		return -1, err
	}
	defer release.Close()
	defer hold.Close()
	process, err := onOwnThread(func() (*os.Process, error) {
		return holderOwnedBy(int(wanted.base), hold, syscall.CLONE_NEWUSER)
	})
	if err != nil {
		return -1, err
	}
	defer func() {
		release.Close()
		_, _ = process.Wait()
	}()
	if err := mapIds(process.Pid, wanted); err != nil {
		return -1, err
	}
	return openNamespace(process.Pid, "user")
}

func mapIds(pid int, wanted idRange) error {
	line := []byte(fmt.Sprintf("0 %d %d\n", wanted.base, wanted.count))
	for _, name := range []string{"uid_map", "gid_map"} {
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/%s", pid, name), line, 0); err != nil {
			return err
		}
	}
	return nil
}

func openNamespace(pid int, kind string) (int, error) {
	return unix.Open(fmt.Sprintf("/proc/%d/ns/%s", pid, kind), unix.O_RDONLY|unix.O_CLOEXEC, 0)
}

// holderOwnedBy starts a process in new namespaces, among them a user namespace, of this id. It changes the ids of the calling thread for
// good: the C library's calls would change those of all threads.
func holderOwnedBy(id int, hold *os.File, kinds uintptr) (*os.Process, error) {
	for _, call := range []uintptr{unix.SYS_SETRESGID, unix.SYS_SETRESUID} {
		if _, _, errno := unix.RawSyscall(call, uintptr(id), uintptr(id), uintptr(id)); errno != 0 {
			return nil, errno
		}
	}
	return os.StartProcess("/proc/self/exe", []string{"spawn", HoldArgument}, &os.ProcAttr{
		Files: []*os.File{hold},
		Sys:   &syscall.SysProcAttr{Cloneflags: kinds},
	})
}
