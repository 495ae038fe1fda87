package sshd_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

func isRefusal(err error, reason ssh.RejectionReason) bool {
	var refused *ssh.OpenChannelError
	return errors.As(err, &refused) && refused.Reason == reason
}

func TestCommands(t *testing.T) {
	g := startGuest(t)
	g.call("configure", map[string]any{"env": map[string]string{"FROM_HOST": "configured", "HOME": t.TempDir()}})
	client := g.enter()

	s := session(t, client)
	_ = s.Setenv("OWN", "sent")
	var stdout, stderr bytes.Buffer
	s.Stdin, s.Stdout, s.Stderr = strings.NewReader("input"), &stdout, &stderr
	err := s.Run(`cat; echo " $OWN $FROM_HOST"; echo wrong >&2; exit 7`)
	var exit *ssh.ExitError
	if !errors.As(err, &exit) || exit.ExitStatus() != 7 {
		t.Errorf("exit: %v", err)
	}
	if stdout.String() != "input sent configured\n" || stderr.String() != "wrong\n" {
		t.Errorf("%q %q", stdout.String(), stderr.String())
	}

	many, err := session(t, client).Output("head -c 3000000 /dev/zero; sleep 30 &")
	if err != nil || len(many) != 3_000_000 {
		t.Errorf("%d bytes, %v", len(many), err)
	}
	err = session(t, client).Run("kill -TERM $$")
	if !errors.As(err, &exit) || exit.Signal() != "TERM" {
		t.Errorf("signal: %v", err)
	}
}

func TestATerminalHasJobControlAndItsSize(t *testing.T) {
	g := startGuest(t)
	s := session(t, g.enter())
	if err := s.RequestPty("xterm-256color", 30, 100, ssh.TerminalModes{}); err != nil {
		t.Fatal(err)
	}
	input, _ := s.StdinPipe()
	output, _ := s.StdoutPipe()
	if err := s.Start(`trap 'echo caught; exit 5' INT; stty size; echo term=$TERM
		trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done`); err != nil {
		t.Fatal(err)
	}
	read := reader{t: t, from: output}
	read.until("30 100")
	read.until("term=xterm-256color")
	read.until("ready")
	if err := s.WindowChange(40, 120); err != nil {
		t.Fatal(err)
	}
	read.until("40 120")
	fmt.Fprint(input, "\x03")
	read.until("caught")
	err := s.Wait()
	var exit *ssh.ExitError
	if !errors.As(err, &exit) || exit.ExitStatus() != 5 {
		t.Errorf("exit: %v, %q", err, read.all.String())
	}
}

type reader struct {
	t    *testing.T
	from io.Reader
	all  bytes.Buffer
	data chan []byte
}

func (r *reader) wait(limit time.Duration) bool {
	if r.data == nil {
		r.data = make(chan []byte)
		go func() {
			defer close(r.data)
			for {
				buffer := make([]byte, 4096)
				n, err := r.from.Read(buffer)
				if err != nil {
					return
				}
				r.data <- buffer[:n]
			}
		}()
	}
	select {
	case data, open := <-r.data:
		r.all.Write(data)
		return open
	case <-time.After(limit):
		return false
	}
}

func (r *reader) until(text string) {
	r.t.Helper()
	for !strings.Contains(r.all.String(), text) {
		if !r.wait(10 * time.Second) {
			r.t.Fatalf("%q never came: %q", text, r.all.String())
		}
	}
}

func TestForwardingReachesLoopbackOnly(t *testing.T) {
	g := startGuest(t)
	client := g.enter()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			_, _ = io.Copy(conn, conn)
			conn.Close()
		}
	}()
	conn, err := client.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = conn.Write([]byte("echo"))
	_ = conn.(interface{ CloseWrite() error }).CloseWrite()
	if back, err := io.ReadAll(conn); err != nil || string(back) != "echo" {
		t.Errorf("%q, %v", back, err)
	}
	for _, outside := range []string{"192.0.2.1:80", "0.0.0.0:80", "example.com:80", "[::ffff:10.0.0.1]:80"} {
		if _, err := client.Dial("tcp", outside); !isRefusal(err, ssh.Prohibited) {
			t.Errorf("%s: %v", outside, err)
		}
	}
	if _, err := client.Listen("tcp", "127.0.0.1:0"); err == nil {
		t.Error("a port was opened for the client")
	}
}

func TestFiles(t *testing.T) {
	g := startGuest(t)
	files, err := sftp.NewClient(g.enter())
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	name := filepath.Join(t.TempDir(), "file")
	content := bytes.Repeat([]byte("0123456789abcdef"), 200_000)
	file, err := files.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.ReadFrom(bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	file.Close()
	if written, err := os.ReadFile(name); err != nil || !bytes.Equal(written, content) {
		t.Errorf("%d bytes, %v", len(written), err)
	}
	back, err := files.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	var read bytes.Buffer
	if _, err := back.WriteTo(&read); err != nil || !bytes.Equal(read.Bytes(), content) {
		t.Errorf("%d bytes, %v", read.Len(), err)
	}
}

func TestAClientThatGoesTakesItsProgramsAlong(t *testing.T) {
	g := startGuest(t)
	client := g.enter()
	s := session(t, client)
	output, _ := s.StdoutPipe()
	if err := s.Start("exec 2>/dev/null; trap 'rm $MARK; exit' HUP; MARK=$(mktemp); echo $MARK; while :; do sleep 0.05; done"); err != nil {
		t.Fatal(err)
	}
	read := reader{t: t, from: output}
	read.until("\n")
	mark := strings.TrimSpace(read.all.String())
	client.Close()
	for end := time.Now().Add(10 * time.Second); ; {
		if _, err := os.Stat(mark); os.IsNotExist(err) {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the program lives on")
		}
		time.Sleep(20 * time.Millisecond)
	}
}
