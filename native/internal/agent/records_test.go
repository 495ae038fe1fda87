package agent_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// read takes records to the end and checks that their sequence has no hole.
func (e *exchange) read(after uint64) (output string, exit string) {
	e.t.Helper()
	var all strings.Builder
	defer func() { output = all.String() }()
	for {
		r, err := e.record()
		if err == io.EOF {
			return output, exit
		}
		if err != nil {
			e.t.Fatal(err)
		}
		if after++; r.sequence != after {
			e.t.Fatalf("record %d where %d was due", r.sequence, after)
		}
		if r.stream == 3 {
			exit = r.payload
		} else {
			all.WriteString(r.payload)
		}
	}
}

func TestRecordsGoOnFromACursor(t *testing.T) {
	g := startGuest(t)
	pid := g.started(fields{"shell": "for i in 1 2 3 4 5 6; do echo line $i; sleep 0.02; done; exit 7", "cwd": "/"})
	first := g.open("records", fields{"pid": pid, "follow": true}, nil)
	first.answer()
	one, err := first.record()
	if err != nil || one.sequence != 1 {
		t.Fatal(one, err)
	}
	first.conn.Close()
	rest := g.open("records", fields{"pid": pid, "follow": true, "after_sequence": one.sequence}, nil)
	rest.answer()
	output, exit := rest.read(one.sequence)
	if one.payload+output != "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\n" || !strings.Contains(exit, `"exit_code":7`) {
		t.Fatalf("%q %q", one.payload+output, exit)
	}
	again := g.open("records", fields{"pid": pid}, nil)
	again.answer()
	if output, _ := again.read(0); output != "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\n" {
		t.Fatalf("%q", output)
	}
}

func TestAFollowerWhoReadsLosesNothingOfALongOutput(t *testing.T) {
	g := startGuest(t)
	e := g.open("start", fields{"shell": "head -c 60000000 /dev/zero | tr '\\0' x; echo; echo done >&2", "cwd": "/", "follow": true}, nil)
	e.answer()
	output, _ := e.read(0)
	if len(output) != 60000000+1+5 || !strings.HasSuffix(output, "done\n") && !strings.Contains(output, "done\n") {
		t.Fatalf("%d bytes", len(output))
	}
}

func TestNothingIsDroppedBeforeThePromisedReaderComes(t *testing.T) {
	g := startGuest(t)
	answer := g.open("start", fields{"shell": "head -c 60000000 /dev/zero", "cwd": "/", "has_reader": true}, nil).answer()
	pid := int(answer["process"].(map[string]any)["pid"].(float64))
	// So much is there that the next would have to go.
	eventually(t, func() bool {
		last := g.call("process", fields{"pid": pid})["process"].(map[string]any)["last_sequence"].(float64)
		time.Sleep(200 * time.Millisecond)
		return last > 100 && last == g.call("process", fields{"pid": pid})["process"].(map[string]any)["last_sequence"].(float64)
	})
	e := g.open("records", fields{"pid": pid, "follow": true}, nil)
	e.answer()
	if output, exit := e.read(0); len(output) != 60000000 || exit == "" {
		t.Fatalf("%d bytes", len(output))
	}
}

func TestWhatComesAfterALongOutputIsNotHeldBack(t *testing.T) {
	g := startGuest(t)
	e := g.open("start", fields{"shell": "head -c 30000000 /dev/zero; echo -n ask; read answer; echo -n $answer", "cwd": "/",
		"keep_stdin_open": true, "follow": true}, nil)
	pid := e.answer()["process"].(map[string]any)["pid"]
	total := 0
	for total < 30000003 {
		r, err := e.record()
		if err != nil {
			t.Fatal(err)
		}
		total += len(r.payload)
	}
	if answer := g.open("input", fields{"pid": pid, "close": true}, []byte("yes\n")).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if r, err := e.record(); err != nil || r.payload != "yes" {
		t.Fatalf("%q %v", r.payload, err)
	}
}

func TestTheOldestRecordsOfALongOutputAreDropped(t *testing.T) {
	g := startGuest(t)
	pid := g.started(fields{"shell": "head -c 40000000 /dev/zero; echo end", "cwd": "/"})
	last := uint64(g.await(pid)["last_sequence"].(float64))
	for after := range uint64(2) { // from the beginning, and from a cursor
		e := g.open("records", fields{"pid": pid, "after_sequence": after}, nil)
		e.answer()
		gap, err := e.record()
		var from, to uint64
		if _, scanErr := fmt.Sscanf(gap.payload, `{"from":%d,"to":%d}`, &from, &to); scanErr != nil || gap.stream != 4 || from != after+1 || gap.sequence != to {
			t.Fatalf("%+v %v", gap, err)
		}
		output, exit := e.read(to)
		if len(output) > 16<<20 || len(output) < 15<<20 || !strings.HasSuffix(output, "end\n") || exit == "" || last <= to {
			t.Fatalf("%d bytes kept, last %d", len(output), last)
		}
	}
}

func TestAFollowerWhoStandsStillDoesNotStopAProcess(t *testing.T) {
	g := startGuest(t)
	e := g.open("start", fields{"shell": "head -c 40000000 /dev/zero", "cwd": "/", "follow": true}, nil)
	pid := int(e.answer()["process"].(map[string]any)["pid"].(float64))
	began := time.Now()
	if ended := g.await(pid); ended["exit_code"] != 0.0 || time.Since(began) > 15*time.Second {
		t.Fatalf("%v after %v", ended, time.Since(began))
	}
}

func TestTailAnswersTheLastLinesByStream(t *testing.T) {
	g := startGuest(t)
	pid := g.started(fields{"shell": "for i in $(seq 1 5000); do echo out $i; done; echo err 1 >&2; echo err 2 >&2; printf last", "cwd": "/"})
	g.await(pid)
	e := g.open("tail", fields{"pid": pid, "lines": 2}, nil)
	answer := e.answer()
	output, stdout, stderr := e.bytes(answer["output"]), e.bytes(answer["stdout"]), e.bytes(answer["stderr"])
	if stdout != "out 5000\nlast" || stderr != "err 1\nerr 2\n" || output == "" {
		t.Fatalf("%q %q %q", output, stdout, stderr)
	}
}

func TestInputThatIsNotReadYetIsTakenWholeOrRefusedWhole(t *testing.T) {
	g := startGuest(t)
	e := g.open("start", fields{"shell": "trap : USR1; sleep infinity & wait; kill $!; cat", "cwd": "/", "keep_stdin_open": true, "follow": true}, nil)
	pid := e.answer()["process"].(map[string]any)["pid"]
	first := strings.Repeat("a", 200_000)
	if answer := g.open("input", fields{"pid": pid}, []byte(first)).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if answer := g.open("input", fields{"pid": pid}, []byte("b")).answer(); answer["code"] != "INPUT_BLOCKED" {
		t.Fatal(answer)
	}
	if answer := g.open("signal", fields{"pid": pid, "signal": 10}, nil).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if answer := g.open("input", fields{"pid": pid, "close": true}, []byte("c")).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if output, _ := e.read(0); output != first+"c" {
		t.Fatalf("%d bytes, the last %q", len(output), output[len(output)-1:])
	}
}

func TestInputReachesAProcess(t *testing.T) {
	g := startGuest(t)
	e := g.open("start", fields{"words": []string{"cat"}, "cwd": "/", "keep_stdin_open": true, "follow": true}, []byte("zero "))
	pid := e.answer()["process"].(map[string]any)["pid"]
	if answer := g.open("input", fields{"pid": pid}, []byte("one ")).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if answer := g.open("input", fields{"pid": pid, "close": true}, []byte("two")).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if output, _ := e.read(0); output != "zero one two" {
		t.Fatalf("%q", output)
	}
	g.refused("input", fields{"pid": pid}, "INPUT_CLOSED")
	g.refused("resize", fields{"pid": pid, "rows": 1, "cols": 1}, "NO_TERMINAL")
}

func TestSignalsReachTheGroupAndThenKill(t *testing.T) {
	g := startGuest(t)
	pid := g.started(fields{"shell": `trap "" TERM; echo ready; while :; do sleep 0.1; done`, "cwd": "/"})
	e := g.open("records", fields{"pid": pid, "follow": true}, nil)
	e.answer()
	if _, err := e.record(); err != nil {
		t.Fatal(err)
	}
	g.call("signal", fields{"pid": pid, "signal": 15, "group": true, "kill_after_ms": 100})
	if ended := g.await(pid); ended["exit_code"] != 137.0 || ended["running"] != false {
		t.Fatalf("%v", ended)
	}
	g.refused("signal", fields{"pid": pid, "signal": 15}, "PROCESS_EXITED")
	g.refused("signal", fields{"pid": pid, "signal": 99}, "INVALID_REQUEST")
}

func TestWhoeverStopsAProcessFindsItStopped(t *testing.T) {
	g := startGuest(t)
	stopped := g.started(fields{"shell": "exec sleep 60", "cwd": "/"})
	g.call("signal", fields{"pid": stopped, "signal": 9, "group": true, "stops": true})
	if ended := g.await(stopped); ended["stopped"] != true || ended["exit_code"] != 137.0 {
		t.Fatalf("%v", ended)
	}
	signaled := g.started(fields{"shell": "exec sleep 60", "cwd": "/"})
	g.call("signal", fields{"pid": signaled, "signal": 15, "group": true})
	if ended := g.await(signaled); ended["stopped"] != false {
		t.Fatalf("%v", ended)
	}
	g.refused("signal", fields{"pid": signaled, "signal": 15, "stops": true}, "PROCESS_EXITED")
	if ended := g.await(signaled); ended["stopped"] != false {
		t.Fatalf("what ended by itself is shown as stopped: %v", ended)
	}
}

func TestATerminalThatNobodyFollowsAnyMoreEnds(t *testing.T) {
	g := startGuest(t)
	start := func(line string) int {
		return g.started(fields{"words": []string{"/bin/bash", "-c", line}, "cwd": "/", "terminal": true, "ends_with_reader": true})
	}
	follow := func(pid int) *exchange {
		e := g.open("records", fields{"pid": pid, "follow": true}, nil)
		e.answer()
		return e
	}
	const deaf = `trap "" HUP; while :; do sleep 0.1; done`
	left, neverSeen, ignoring, seen, free := start("exec sleep 600"), start("exec sleep 600"), start(deaf), start("exec sleep 600"),
		g.started(fields{"words": []string{"sleep", "600"}, "cwd": "/", "terminal": true})
	stays := follow(seen)
	follow(ignoring).conn.Close()
	follow(free).conn.Close()
	// Of two one goes, and the other is there for longer than the patience.
	other := follow(left)
	follow(left).conn.Close()
	running := func(pid int) bool {
		return g.call("process", fields{"pid": pid})["process"].(map[string]any)["running"] == true
	}
	// Whoever waits by its records follows them.
	ended := func(pid int, code float64) {
		eventually(t, func() bool { return !running(pid) })
		if got := g.call("process", fields{"pid": pid})["process"].(map[string]any)["exit_code"]; got != code {
			t.Fatal(got)
		}
	}
	ended(neverSeen, 129)
	ended(ignoring, 137)
	for _, pid := range []int{left, seen, free} {
		if !running(pid) {
			t.Fatal("one ended that is looked at, or is not to end")
		}
	}
	began := time.Now()
	other.conn.Close()
	stays.conn.Close()
	follow(seen).conn.Close()
	eventually(t, func() bool { return !running(left) && !running(seen) })
	if time.Since(began) < 4*time.Second {
		t.Fatal("whoever comes back at once had no time")
	}
	if !running(free) {
		t.Fatal("one ended that was to go on")
	}
	g.call("signal", fields{"pid": free, "signal": 9, "group": true})
}

func TestAKilledProcessIsDeadWhenItsKillerHasHisAnswer(t *testing.T) {
	g := startGuest(t)
	for range 50 {
		pid := g.started(fields{"words": []string{"sleep", "60"}, "cwd": "/"})
		g.call("signal", fields{"pid": pid, "signal": 9, "group": true})
		if g.call("process", fields{"pid": pid})["process"].(map[string]any)["running"] != false {
			t.Fatal("it is shown as running")
		}
		g.refused("signal", fields{"pid": pid, "signal": 9, "group": true}, "PROCESS_EXITED")
	}
}

func TestARecordIsWholeWhereTheRingComesRound(t *testing.T) {
	g := startGuest(t)
	const lines = 3000000
	e := g.open("start", fields{"shell": "seq -w 1 3000000", "cwd": "/", "follow": true}, nil)
	e.answer()
	output, _ := e.read(0)
	if len(output) != 8*lines {
		t.Fatalf("%d bytes", len(output))
	}
	for i, line := range strings.Split(output, "\n")[:lines] {
		if want := fmt.Sprintf("%07d", i+1); line != want {
			t.Fatalf("line %d is %q", i, line)
		}
	}
}

func TestOnlyTheLastEndedProcessesAreKept(t *testing.T) {
	g := startGuest(t)
	first := g.started(fields{"words": []string{"true"}, "cwd": "/"})
	g.await(first)
	for range 256 {
		g.started(fields{"words": []string{"true"}, "cwd": "/"})
	}
	eventually(t, func() bool { return g.call("ping", nil)["processes"] == 0.0 })
	if listed := len(g.call("processes", nil)["processes"].([]any)); listed != 256 {
		t.Fatalf("%d are listed", listed)
	}
	g.refused("process", fields{"pid": first}, "PROCESS_NOT_FOUND")
}
