package supervise

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"time"
)

// order is one line on the control socket.
type order struct {
	Op   string `json:"op"` // status, stop, start, restart
	Role string `json:"role"`
}

type report struct {
	OK      bool                 `json:"ok"`
	Message string               `json:"message,omitempty"`
	Roles   map[string]roleState `json:"roles,omitempty"`
}

const maxOrder = 4096

// Control answers orders on a Unix socket that only its owner may open.
func (s *Supervisor) Control(path string) error {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		listener.Close()
		return err
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.converse(conn)
		}
	}()
	return nil
}

func (s *Supervisor) converse(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 0, 512), maxOrder)
	for lines.Scan() {
		var wanted order
		answer := report{Message: "that is no order"}
		if json.Unmarshal(lines.Bytes(), &wanted) == nil {
			answered := make(chan report, 1)
			s.do(func() { answered <- s.obey(wanted) })
			answer = <-answered
		}
		line, _ := json.Marshal(answer)
		_ = conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
		if _, err := conn.Write(append(line, '\n')); err != nil {
			return
		}
	}
}

func (s *Supervisor) obey(wanted order) report {
	if wanted.Op == "status" {
		return report{OK: true, Roles: s.state()}
	}
	k := s.find(wanted.Role)
	if k == nil {
		return report{Message: "there is no such role"}
	}
	switch wanted.Op {
	case "stop":
		k.stopped = true
		s.stop(k)
	case "start":
		k.stopped, k.delay = false, 0
		s.start(k)
		s.writeState()
	case "restart":
		k.stopped, k.delay = false, 0
		if k.process == nil {
			s.start(k)
		} else {
			s.stop(k)
		}
	default:
		return report{Message: "there is no such order"}
	}
	return report{OK: true, Roles: s.state()}
}
