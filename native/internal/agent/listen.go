package agent

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	portArgument  = "--tcp-port="
	crashArgument = "--crash-points"
	// nameArgument is for an agent behind a socket that has the right to name the sandbox: it keeps that to itself.
	nameArgument = "--names-sandbox"
	// tokenVariable holds the token of an agent that listens on TCP. Only root of the sandbox can read the environment
	// of process 1; no command inherits it.
	tokenVariable = "ATOLL_AGENT_TOKEN"
	minToken      = 32
)

// options reads the arguments: whether this is an installation for tests, and the TCP port to listen on; 0 stands for
// the inherited socket.
func options(arguments []string) (crashes bool, port int) {
	asked := 0
	for _, argument := range arguments {
		if argument == crashArgument {
			asked++
		}
		if number, ok := strings.CutPrefix(argument, portArgument); ok {
			port, _ = strconv.Atoi(number)
		}
	}
	return asked == 1, port
}

// listen opens the way in for the host, and the token that it has to show there.
func listen(port int) (net.Listener, *secret, error) {
	if port == 0 {
		listener, err := inherited()
		return listener, nil, err
	}
	token := os.Getenv(tokenVariable)
	os.Unsetenv(tokenVariable)
	if len(token) < minToken {
		return nil, nil, fmt.Errorf("%s has at least %d characters", tokenVariable, minToken)
	}
	keepToItself(capSysAdmin)
	alone := net.ListenConfig{Control: alone}
	listener, err := alone.Listen(context.Background(), "tcp4", ":"+strconv.Itoa(port))
	return listener, newSecret(token), err
}

// alone takes from a listening socket that its address may be used again, which every listener of Go is given. gVisor lets
// whoever has that too, and names an address of the sandbox, listen beside one that listens on all: the host would connect
// to him, and show him the token, with which any user of the sandbox is its root.
func alone(_, _ string, connection syscall.RawConn) error {
	var problem error
	err := connection.Control(func(socket uintptr) {
		problem = unix.SetsockoptInt(int(socket), unix.SOL_SOCKET, unix.SO_REUSEADDR, 0)
	})
	return errors.Join(err, problem)
}

// inherited is the listening socket that the caller passed as descriptor 3. LISTEN_FDS is not asked for: not
// every runtime hands it on.
func inherited() (*net.UnixListener, error) {
	os.Unsetenv("LISTEN_FDS")
	os.Unsetenv("LISTEN_PID")
	file := os.NewFile(3, "listener")
	defer file.Close()
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("a listening Unix socket is expected as descriptor 3: %w", err)
	}
	unixListener, ok := listener.(*net.UnixListener)
	if !ok {
		return nil, fmt.Errorf("descriptor 3 is not a Unix socket")
	}
	unixListener.SetUnlinkOnClose(false)
	return unixListener, nil
}

// secret is a token of which only the digest is kept. None at all (nil) admits everybody.
type secret struct {
	mu     sync.RWMutex
	digest [sha256.Size]byte
}

func newSecret(token string) *secret {
	return &secret{digest: sha256.Sum256([]byte(token))}
}

func (s *secret) is(token string) bool {
	if s == nil {
		return true
	}
	shown := sha256.Sum256([]byte(token))
	s.mu.RLock()
	defer s.mu.RUnlock()
	return subtle.ConstantTimeCompare(s.digest[:], shown[:]) == 1
}

func (s *secret) change(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.digest = sha256.Sum256([]byte(token))
}

const (
	capSysAdmin = 21
	// capBlockSuspend means nothing in a user namespace.
	capBlockSuspend = 36
)

// keepToItself gives no program that this one starts a right that this process keeps where the runtime gave it. Nobody who
// has less rights may trace a process, read its memory or take descriptors from it: root of the sandbox neither.
func keepToItself(capability uintptr) {
	_, _, _ = syscall.AllThreadsSyscall(unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, capability, 0)
}

// giveUp takes a right from this process too, which then has no more than what it starts.
func giveUp(capability uint) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return
	}
	mask := ^uint32(1 << (capability % 32))
	data[capability/32].Permitted &= mask
	data[capability/32].Effective &= mask
	_, _, _ = syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&data[0])), 0)
}
