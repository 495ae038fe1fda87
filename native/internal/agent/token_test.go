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

func TestAnAgentWithoutATokenDoesNotListen(t *testing.T) {
	agent := exec.Command(agentBinary, "--tcp-port=1")
	agent.Env = []string{"ATOLL_AGENT_TOKEN=short"}
	if agent.Run() == nil {
		t.Fatal("it listens")
	}
}
