package spawn

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Server answers requests; one per node.
type Server struct {
	namespaces *namespaces
	programs   *programs
}

// NewServer makes a server without any namespaces yet.
func NewServer() *Server {
	return &Server{namespaces: newNamespaces(), programs: newPrograms()}
}

// answer is one line to the node.
type answer struct {
	OK          bool   `json:"ok"`
	Pid         int    `json:"pid,omitempty"`
	Micros      int64  `json:"micros"`
	MountMicros int64  `json:"mount_micros,omitempty"`
	Code        string `json:"code,omitempty"`
	Message     string `json:"message,omitempty"`
}

// Listen makes the node's socket: for root only.
func Listen(path string) (*net.UnixListener, error) {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	old := unix.Umask(0o177)
	defer unix.Umask(old)
	return net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
}

// ShieldAgents makes this process, and so every process 1 that it starts, the last one that the kernel kills
// for memory. The runtime cannot set that itself inside a user namespace; agents undo it for their children.
func ShieldAgents() {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("-900"), 0)
}

// Serve answers connections until the listener is closed.
func (s *Server) Serve(listener *net.UnixListener) error {
	for {
		conn, err := listener.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "spawn: accept:", err)
			time.Sleep(50 * time.Millisecond)
			continue
		}
		go s.converse(conn)
	}
}

// converse answers one request after the other on a connection of root's.
func (s *Server) converse(conn *net.UnixConn) {
	defer conn.Close()
	if !isRoot(conn) {
		return
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 0, 4096), maxRequest)
	for lines.Scan() {
		line, err := json.Marshal(s.handle(lines.Bytes()))
		if err != nil {
			return
		}
		if _, err := conn.Write(append(line, '\n')); err != nil {
			return
		}
	}
}

func isRoot(conn *net.UnixConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	root := false
	_ = raw.Control(func(fd uintptr) {
		peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		root = err == nil && peer.Uid == 0
	})
	return root
}

func (s *Server) handle(line []byte) (reply answer) {
	began := time.Now()
	defer func() {
		if problem := recover(); problem != nil {
			reply = answer{Code: "INTERNAL", Message: fmt.Sprint(problem)}
		}
		reply.Micros = time.Since(began).Microseconds()
	}()
	request, err := parse(line)
	if err != nil {
		return refusal(err)
	}
	if request.Op == "delete" {
		if err := deleteContainer(request); err != nil {
			return refusal(err)
		}
		return answer{OK: true}
	}
	result, err := s.start(request)
	if err != nil {
		return refusal(err)
	}
	go s.namespaces.prepare(request.UidBase+request.UidCount, request.UidCount)
	return answer{OK: true, Pid: result.Pid, MountMicros: result.MountMicros}
}

func refusal(err error) answer {
	var f *Failure
	if errors.As(err, &f) {
		return answer{Code: f.Code, Message: f.Message}
	}
	return answer{Code: "INTERNAL", Message: err.Error()}
}
