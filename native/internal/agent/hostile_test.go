package agent_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"
)

// The calls and the names of their arguments, so that strange values reach past the first check.
var (
	callNames = []string{"ping", "run", "start", "records", "tail", "processes", "process", "input", "signal", "resize",
		"stat", "list", "mkdir", "read", "write", "archive", "unpack", "search", "watch", "activity", "forward", "ports"}
	argumentNames = []string{"shell", "words", "cwd", "env", "user", "timeout_ms", "terminal", "rows", "cols", "body",
		"output_limit", "pid", "after_sequence", "lines", "signal", "path", "paths", "depth", "limit", "offset", "length", "mode", "port", "name", "text"}
)

func strange(random *rand.Rand, folder string) any {
	switch random.IntN(9) {
	case 0:
		return random.IntN(200) - 50
	case 1:
		return random.Int64() - random.Int64()
	case 2:
		return folder
	case 3:
		return ""
	case 4:
		return []any{"true", folder, random.IntN(9)}[:random.IntN(4)]
	case 5:
		return fields{"A": "b", "": "c"}
	case 6:
		return random.IntN(2) == 0
	case 7:
		return folder + "/\x00\xff"
	}
	return nil
}

func TestStrangeArgumentsDoNotHurtTheAgent(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	random := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for range 2000 {
		header := fields{"v": 1, "call": callNames[random.IntN(len(callNames))]}
		for range random.IntN(6) {
			header[argumentNames[random.IntN(len(argumentNames))]] = strange(random, folder)
		}
		line, err := json.Marshal(header)
		if err != nil {
			t.Fatal(err)
		}
		if random.IntN(10) == 0 {
			line = line[:random.IntN(len(line))]
		}
		g.throw(append(line, '\n'))
	}
	if g.call("ping", nil)["ok"] != true {
		t.Fatal("no ping")
	}
}

// throw sends bytes, ends its half and waits a little for whatever comes.
func (g *guest) throw(data []byte) {
	g.t.Helper()
	conn, err := net.Dial("unix", g.socket)
	if err != nil {
		g.t.Fatalf("%v; sent %s", err, data)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Millisecond))
	_, _ = conn.Write(data)
	_ = conn.(*net.UnixConn).CloseWrite()
	_, _ = io.CopyN(io.Discard, conn, 1<<20)
}

func TestAHeaderHasABound(t *testing.T) {
	g := startGuest(t)
	conn, err := net.Dial("unix", g.socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, `{"v":1,"call":"`+strings.Repeat("x", 3<<20)) }()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	answer := make([]byte, 4096)
	n, _ := conn.Read(answer)
	var reply fields
	if json.Unmarshal(answer[:n], &reply) != nil || reply["code"] != "TOO_LARGE" {
		t.Fatalf("%q", answer[:n])
	}
}

func TestManyConnectionsAtOnceAreAnswered(t *testing.T) {
	g := startGuest(t)
	done := make(chan string, 100)
	for i := range cap(done) {
		go func() {
			conn, err := net.Dial("unix", g.socket)
			if err != nil {
				done <- err.Error()
				return
			}
			defer conn.Close()
			fmt.Fprintf(conn, `{"v":1,"call":"run","words":["echo","%d"],"cwd":"/"}`+"\n", i)
			text, _ := io.ReadAll(conn)
			done <- string(text)
		}()
	}
	for range cap(done) {
		if text := <-done; len(text) < 20 || text[:10] != `{"ok":true` {
			t.Fatal(text)
		}
	}
}
