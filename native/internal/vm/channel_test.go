package vm

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/yamux"
)

// machine is a channel with the host's end of one connection and the agent's.
type machine struct {
	host, agent *net.UnixConn
	inside      *yamux.Session
}

func unixPair(t *testing.T) (*net.UnixConn, *net.UnixConn) {
	t.Helper()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: t.TempDir() + "/s", Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	near, err := net.DialUnix("unix", nil, listener.Addr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	far, err := listener.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []net.Conn{near, far} {
		_ = each.SetDeadline(time.Now().Add(20 * time.Second))
		t.Cleanup(func() { each.Close() })
	}
	return near, far
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	near, far := net.Pipe()
	outside, err := yamux.Client(near, channelConfig())
	if err != nil {
		t.Fatal(err)
	}
	inside, err := yamux.Server(far, channelConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { outside.Close(); inside.Close() })
	host, hostEnd := unixPair(t)
	agentEnd, agent := unixPair(t)
	go func() {
		if stream, err := outside.OpenStream(); err == nil {
			join(hostEnd, stream)
		}
	}()
	go func() {
		if stream, err := inside.Accept(); err == nil {
			join(agentEnd, stream)
		}
	}()
	return &machine{host: host, agent: agent, inside: inside}
}

func TestEachDirectionEndsByItself(t *testing.T) {
	m := newMachine(t)
	request := make([]byte, 3<<20)
	_, _ = rand.Read(request)
	go func() {
		_, _ = m.host.Write(request)
		_ = m.host.CloseWrite()
	}()
	got, err := io.ReadAll(m.agent)
	if err != nil || !bytes.Equal(got, request) {
		t.Fatalf("%d of %d bytes: %v", len(got), len(request), err)
	}
	// The other direction is open for as long as it likes.
	time.Sleep(2 * givenUp)
	if _, err := m.agent.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	m.agent.Close()
	if answer, err := io.ReadAll(m.host); err != nil || string(answer) != "answer" {
		t.Fatalf("%q: %v", answer, err)
	}
}

func TestACallerThatLeavesEndsWhatIsSentToHim(t *testing.T) {
	m := newMachine(t)
	if _, err := m.host.Write([]byte("go")); err != nil {
		t.Fatal(err)
	}
	two := make([]byte, 2)
	if _, err := io.ReadFull(m.agent, two); err != nil {
		t.Fatal(err)
	}
	m.host.Close()
	block := make([]byte, 64<<10)
	for sent := 0; ; sent += len(block) {
		if _, err := m.agent.Write(block); err != nil {
			return
		}
		if sent > 64<<20 {
			t.Fatal("somebody still takes it")
		}
	}
}

func TestAPieceLongerThanAnyEndsTheConnection(t *testing.T) {
	near, far := net.Pipe()
	conn, _ := unixPair(t)
	go func() { _, _ = far.Write([]byte{0xff, 0xff, 0xff, 0xff}) }()
	if err := receive(conn, near); !errors.Is(err, errGivenUp) {
		t.Fatal(err)
	}
}

func TestTheGuestIsToldOnceAndSaysWhatIsWrong(t *testing.T) {
	for _, problem := range []error{nil, errors.New("no\nport")} {
		near, far := net.Pipe()
		go func() {
			text, err := line(far, maxSettings)
			if err != nil || !strings.Contains(text, `"hostname":"box"`) {
				problem = errors.New("not told")
			}
			begun(far, problem)
		}()
		err := settle(near, &Guest{Hostname: "box"})
		if (err == nil) != (problem == nil) || (err != nil && !strings.Contains(err.Error(), `"no port"`)) {
			t.Fatal(err)
		}
	}
	near, far := net.Pipe()
	go func() {
		_, _ = line(far, maxSettings)
		_, _ = far.Write(bytes.Repeat([]byte("x"), 5000))
	}()
	if err := settle(near, &Guest{}); err == nil {
		t.Fatal("an endless line was read")
	}
}
