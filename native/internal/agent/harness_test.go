package agent_test

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

var agentBinary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "agent-test-")
	if err != nil {
		panic(err)
	}
	agentBinary = filepath.Join(folder, "agent")
	build := exec.Command("go", "build", "-o", agentBinary, "atoll.dev/native/cmd/agent")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// guest is a running agent.
type guest struct {
	t       *testing.T
	socket  string
	process *exec.Cmd
}

func startGuest(t *testing.T, arguments ...string) *guest {
	t.Helper()
	return startGuestBy(t, append([]string{agentBinary}, arguments...)...)
}

// startGuestBy starts an agent by this command.
func startGuestBy(t *testing.T, words ...string) *guest {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "g.sock")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	file, err := listener.File()
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	defer file.Close()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = []string{"LISTEN_FDS=1"}
	cmd.ExtraFiles = []*os.File{file}
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	g := &guest{t: t, socket: socket, process: cmd}
	t.Cleanup(func() {
		cmd.Process.Kill()
		_ = cmd.Wait()
	})
	// The host's own profile is none of these tests' business.
	g.call("configure", fields{"env": fields{"HOME": t.TempDir()}})
	return g
}

type fields map[string]any

// exchange is one connection.
type exchange struct {
	t    *testing.T
	conn *net.UnixConn
	in   *bufio.Reader
}

func (g *guest) open(name string, arguments fields, body []byte) *exchange {
	g.t.Helper()
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: g.socket, Net: "unix"})
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	header := fields{"v": 1, "call": name}
	for key, value := range arguments {
		header[key] = value
	}
	if body != nil {
		if _, set := header["body"]; !set {
			header["body"] = len(body)
		}
	}
	line, _ := json.Marshal(header)
	if _, err := conn.Write(append(append(line, '\n'), body...)); err != nil {
		g.t.Fatal(err)
	}
	return &exchange{t: g.t, conn: conn, in: bufio.NewReader(conn)}
}

func (e *exchange) answer() fields {
	e.t.Helper()
	line, err := e.in.ReadBytes('\n')
	if err != nil {
		e.t.Fatalf("no answer: %v", err)
	}
	var answer fields
	if err := json.Unmarshal(line, &answer); err != nil {
		e.t.Fatalf("%q: %v", line, err)
	}
	return answer
}

func (e *exchange) bytes(n any) string {
	e.t.Helper()
	data := make([]byte, int(n.(float64)))
	if _, err := io.ReadFull(e.in, data); err != nil {
		e.t.Fatal(err)
	}
	return string(data)
}

// call answers a call that succeeded.
func (g *guest) call(name string, arguments fields) fields {
	g.t.Helper()
	answer := g.open(name, arguments, nil).answer()
	if answer["ok"] != true {
		g.t.Fatalf("%s: %v", name, answer)
	}
	return answer
}

// refused answers the code of a call that failed.
func (g *guest) refused(name string, arguments fields, want string) {
	g.t.Helper()
	answer := g.open(name, arguments, nil).answer()
	if answer["ok"] == true || answer["code"] != want {
		g.t.Fatalf("%s %v: want %s, got %v", name, arguments, want, answer)
	}
}

// result is a finished run.
type result struct {
	fields
	stdout string
	stderr string
}

func (g *guest) run(arguments fields, stdin []byte) result {
	g.t.Helper()
	e := g.open("run", arguments, stdin)
	answer := e.answer()
	if answer["ok"] != true {
		g.t.Fatalf("run: %v", answer)
	}
	return result{fields: answer, stdout: e.bytes(answer["stdout"]), stderr: e.bytes(answer["stderr"])}
}

func (g *guest) shell(line string) result {
	g.t.Helper()
	return g.run(fields{"shell": line, "cwd": "/"}, nil)
}

// record is one frame of a process's output.
type record struct {
	stream   byte
	sequence uint64
	payload  string
}

func (e *exchange) record() (record, error) {
	var head [21]byte
	if _, err := io.ReadFull(e.in, head[:]); err != nil {
		return record{}, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size < 17 || size > 17+256<<10 {
		return record{}, fmt.Errorf("a frame of %d bytes", size)
	}
	payload := make([]byte, size-17)
	if _, err := io.ReadFull(e.in, payload); err != nil {
		return record{}, err
	}
	return record{stream: head[4], sequence: binary.BigEndian.Uint64(head[5:]), payload: string(payload)}, nil
}

func (g *guest) started(arguments fields) int {
	g.t.Helper()
	answer := g.call("start", arguments)
	return int(answer["process"].(map[string]any)["pid"].(float64))
}

func (g *guest) await(pid int) fields {
	g.t.Helper()
	e := g.open("records", fields{"pid": pid, "follow": true, "after_sequence": 1 << 40}, nil)
	if e.answer()["ok"] != true {
		g.t.Fatal("records refused")
	}
	_, _ = io.Copy(io.Discard, e.in)
	return g.call("process", fields{"pid": pid})["process"].(map[string]any)
}
