package agent

import (
	"io"
	"net"
	"strconv"
	"time"
)

const dialTime = 5 * time.Second

type forwardRequest struct {
	Port int `json:"port"`
}

// forward joins the connection with a port of the sandbox, also one that listens on loopback only.
func (s *Server) forward(c *call) error {
	var request forwardRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if request.Port < 1 || request.Port > 65535 {
		return fail("INVALID_REQUEST", "a port is a number from 1 to 65535")
	}
	inside, err := dialLoopback(request.Port)
	if err != nil {
		return err
	}
	defer inside.Close()
	if err := c.reply(okay{OK: true}); err != nil {
		return err
	}
	finished := make(chan struct{})
	go func() {
		defer shield()
		defer close(finished)
		relay(inside, c.in)
		_ = inside.CloseWrite()
	}()
	relay(c.conn, inside)
	_ = c.conn.CloseWrite()
	<-finished
	return nil
}

func dialLoopback(port int) (*net.TCPConn, error) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, strconv.Itoa(port)), dialTime)
		if err == nil {
			return conn.(*net.TCPConn), nil
		}
	}
	return nil, fail("REFUSED", "nothing listens on port %d", port)
}

// relay copies until the source ends or the target takes no more.
func relay(to io.Writer, from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
