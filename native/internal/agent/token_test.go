package agent_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// An agent over TCP answers whoever shows its token, and nobody else.
func TestAnAgentOverTCPAsksForItsToken(t *testing.T) {
	free, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	token := strings.Repeat("t", 40)
	agent := exec.Command(agentBinary, fmt.Sprintf("--tcp-port=%d", port))
	agent.Env = []string{"ATOLL_AGENT_TOKEN=" + token}
	agent.Stderr = os.Stderr
	agent.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		agent.Process.Kill()
		_ = agent.Wait()
	})
	ask := func(header string) string {
		var conn net.Conn
		for end := time.Now().Add(10 * time.Second); ; {
			if conn, err = net.Dial("tcp4", address); err == nil {
				break
			}
			if time.Now().After(end) {
				t.Fatal(err)
			}
		}
		defer conn.Close()
		fmt.Fprintln(conn, header)
		line, _ := bufio.NewReader(conn).ReadString('\n')
		return line
	}
	for _, header := range []string{`{"v":1,"call":"ping"}`, `{"v":1,"call":"ping","token":"` + token + `x"}`} {
		if answer := ask(header); !strings.Contains(answer, "UNAUTHORIZED") {
			t.Errorf("%s: %s", header, answer)
		}
	}
	if answer := ask(`{"v":1,"call":"ping","token":"` + token + `"}`); !strings.Contains(answer, `"ok":true`) {
		t.Error(answer)
	}
	shown := ask(`{"v":1,"call":"run","shell":"env","token":"` + token + `"}`)
	if strings.Contains(shown, "AGENT_TOKEN") || !strings.Contains(shown, `"exit_code":0`) {
		t.Error(shown)
	}
}

// Under gVisor a second listener with a right to the address would be shown the token.
func TestAnAgentsAddressIsNotUsedAgain(t *testing.T) {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(socket)
	if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(socket, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	bound, err := unix.Getsockname(socket)
	if err != nil {
		t.Fatal(err)
	}
	// A socket that only has the address, and does not listen, is in the way of those alone that do not share it.
	agent := exec.Command(agentBinary, fmt.Sprintf("--tcp-port=%d", bound.(*unix.SockaddrInet4).Port))
	agent.Env = []string{"ATOLL_AGENT_TOKEN=" + strings.Repeat("t", 40)}
	agent.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	said, _ := agent.StderrPipe()
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	defer agent.Process.Kill()
	heard := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(said).ReadString('\n')
		heard <- line
	}()
	elsewhere := fmt.Sprintf("127.0.0.2:%d", bound.(*unix.SockaddrInet4).Port)
	for line := ""; line == ""; {
		select {
		case line = <-heard:
			if !strings.Contains(line, "address already in use") {
				t.Fatalf("it says %q", line)
			}
		case <-time.After(10 * time.Millisecond):
			if conn, err := net.Dial("tcp4", elsewhere); err == nil {
				conn.Close()
				t.Fatal("it shares its address")
			}
		}
	}
	_ = agent.Wait()
}

func TestAnAgentWithoutATokenDoesNotListen(t *testing.T) {
	agent := exec.Command(agentBinary, "--tcp-port=1")
	agent.Env = []string{"ATOLL_AGENT_TOKEN=short"}
	if agent.Run() == nil {
		t.Fatal("it listens")
	}
}
