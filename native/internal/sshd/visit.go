package sshd

import (
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"atoll.dev/native/internal/agent"
)

const (
	maxChannels = 64
	dialTime    = 5 * time.Second
)

// visit is an authenticated connection.
type visit struct {
	who  agent.Account
	env  map[string]string
	may  map[string]string
	open atomic.Int32

	channels sync.WaitGroup
}

func (v *visit) allowed(what string) bool {
	_, ok := v.may[what]
	return ok
}

func (v *visit) take(offered ssh.NewChannel) {
	if v.open.Add(1) > maxChannels {
		v.open.Add(-1)
		_ = offered.Reject(ssh.ResourceShortage, "too many channels")
		return
	}
	v.channels.Add(1)
	go func() {
		defer v.channels.Done()
		defer v.open.Add(-1)
		switch offered.ChannelType() {
		case "session":
			v.session(offered)
		case "direct-tcpip":
			v.forward(offered)
		default:
			_ = offered.Reject(ssh.UnknownChannelType, "only sessions and direct-tcpip")
		}
	}()
}

type target struct {
	Host       string
	Port       uint32
	OriginHost string
	OriginPort uint32
}

// forward joins a channel with a port of this sandbox: nothing else can be reached through it.
func (v *visit) forward(offered ssh.NewChannel) {
	var to target
	if err := ssh.Unmarshal(offered.ExtraData(), &to); err != nil || to.Port < 1 || to.Port > 65535 {
		_ = offered.Reject(ssh.ConnectionFailed, "that is no address")
		return
	}
	if !v.allowed(mayForward) || !isLoopback(to.Host) {
		_ = offered.Reject(ssh.Prohibited, "only localhost of the sandbox is forwarded to")
		return
	}
	inside, err := dial(to.Host, to.Port)
	if err != nil {
		_ = offered.Reject(ssh.ConnectionFailed, "nothing listens there")
		return
	}
	defer inside.Close()
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	defer channel.Close()
	go ssh.DiscardRequests(requests)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		_, _ = io.Copy(inside, channel)
		_ = inside.CloseWrite()
	}()
	_, _ = io.Copy(channel, inside)
	_ = channel.CloseWrite()
	<-finished
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address := net.ParseIP(host)
	return address != nil && address.IsLoopback()
}

func dial(host string, port uint32) (*net.TCPConn, error) {
	hosts := []string{host}
	if strings.EqualFold(host, "localhost") {
		hosts = []string{"127.0.0.1", "::1"} // Whatever /etc/hosts says.
	}
	var last error
	for _, address := range hosts {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(address, strconv.Itoa(int(port))), dialTime)
		if err == nil {
			return conn.(*net.TCPConn), nil
		}
		last = err
	}
	return nil, last
}
