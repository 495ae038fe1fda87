package spawn

import (
	"os"
	"strconv"
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

func makeNamespace(wanted idRange) (int, error) {
	hold, release, err := os.Pipe()
	if err != nil {
		return -1, err
	}
	defer release.Close()
	defer hold.Close()
	ids := []syscall.SysProcIDMap{{ContainerID: 0, HostID: int(wanted.base), Size: int(wanted.count)}}
	process, err := os.StartProcess("/proc/self/exe", []string{"spawn", HoldArgument}, &os.ProcAttr{
		Files: []*os.File{hold},
		Sys: &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWUSER, UidMappings: ids, GidMappings: ids,
		},
	})
	if err != nil {
		return -1, err
	}
	fd, err := unix.Open("/proc/"+strconv.Itoa(process.Pid)+"/ns/user", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	release.Close()
	_, _ = process.Wait()
	return fd, err
}
