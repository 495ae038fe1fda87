package agent

import (
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	maxShells    = 32
	settingsTime = 10 * time.Second
)

// Program opens an executable that the agent carries.
type Program func() (fs.File, error)

// shells are the SSH connections; each has a process of its own, so that nothing of SSH is in process 1.
type shells struct {
	carried Program
	room    chan struct{}

	mu    sync.Mutex
	image *os.File // the executable in memory, while somebody uses it
	users int
}

func newShells(carried Program) *shells {
	return &shells{carried: carried, room: make(chan struct{}, maxShells)}
}

// SSHSettings is what the SSH server is told before it speaks.
type SSHSettings struct {
	// HostKey is the seed of the Ed25519 key by which the sandbox proves who it is.
	HostKey []byte `json:"host_key"`
	// HostCertificate, of that key, is one line as in known_hosts; empty when there is none.
	HostCertificate string `json:"host_certificate"`
	// Authority signs the certificates of those who may come in, for exactly Principal.
	Authority string `json:"authority"`
	Principal string `json:"principal"`
	// Keys may come in without a certificate; lines as in authorized_keys.
	Keys []string `json:"keys"`
	// Env is what commands start with; the agent fills it in.
	Env map[string]string `json:"env"`
}

// ssh hands the connection over to an SSH server. The host's settings hold for this connection alone.
func (s *Server) ssh(c *call) error {
	var request SSHSettings
	if err := c.decode(&request); err != nil {
		return err
	}
	if s.shells.carried == nil {
		return fail("UNKNOWN_CALL", "this agent carries no SSH server")
	}
	if c.in.Buffered() > 0 {
		return fail("INVALID_REQUEST", "bytes came before the answer")
	}
	select {
	case s.shells.room <- struct{}{}:
		defer func() { <-s.shells.room }()
	default:
		return fail("PROCESS_LIMIT", "there are %d SSH connections already", maxShells)
	}
	image, err := s.shells.take()
	if err != nil {
		return err
	}
	defer s.shells.give()
	request.Env = s.settings.copy()
	return s.shells.serve(c, s, image, request)
}

func (k *shells) serve(c *call, s *Server, image *os.File, told SSHSettings) error {
	made := &streams{}
	defer made.closeTheirs()
	null, err := made.null()
	if err != nil {
		return err
	}
	settings, theirs, err := made.pipe(false)
	if err != nil {
		return err
	}
	defer settings.Close()
	var exit <-chan syscall.WaitStatus
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return err
	}
	controlled := raw.Control(func(conn uintptr) {
		files := []uintptr{uintptr(null), uintptr(null), uintptr(null), conn, uintptr(theirs), image.Fd()}
		_, exit, err = s.children.launch("/proc/self/fd/5", []string{"atoll-ssh"}, &syscall.ProcAttr{
			Dir: "/", Env: []string{"PATH=" + defaultPath}, Files: files,
			Sys: &syscall.SysProcAttr{Setsid: true},
		})
	})
	if controlled != nil {
		return errHangup
	}
	if err != nil {
		return launchFailure(err)
	}
	go reserveThreads()
	made.closeTheirs()
	if err := c.reply(okay{OK: true}); err == nil {
		_ = settings.SetWriteDeadline(time.Now().Add(settingsTime))
		_ = json.NewEncoder(settings).Encode(told)
	}
	settings.Close()
	c.conn.Close() // The program has it; when it ends, so does the connection.
	<-exit
	return nil
}

// take is the executable, in memory once for all connections.
func (k *shells) take() (*os.File, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.image == nil {
		image, err := blocking(k.load)
		if err != nil {
			return nil, err
		}
		k.image = image
	}
	k.users++
	return k.image, nil
}

func (k *shells) give() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.users--; k.users == 0 {
		k.image.Close()
		k.image = nil
	}
}

func (k *shells) load() (*os.File, error) {
	source, err := k.carried()
	if err != nil {
		return nil, err
	}
	defer source.Close()
	fd, err := unix.MemfdCreate("atoll-ssh", unix.MFD_CLOEXEC|unix.MFD_EXEC)
	if err == unix.EINVAL { // A kernel before 6.3 does not know the flag.
		fd, err = unix.MemfdCreate("atoll-ssh", unix.MFD_CLOEXEC)
	}
	if err != nil {
		return nil, err
	}
	image := os.NewFile(uintptr(fd), "atoll-ssh")
	if _, err := io.Copy(image, source); err != nil {
		image.Close()
		return nil, err
	}
	return image, nil
}
