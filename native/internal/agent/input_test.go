package agent_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// What somebody pastes while nobody reads is read later, all of it and in order: a terminal takes some kilobytes by itself.
func TestAPasteIntoABusyTerminalIsReadLater(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	pid := g.started(fields{
		"shell": "stty -echo; touch " + folder + "/busy; while [ ! -e " + folder + "/go ]; do sleep 0.05; done; head -n 20001 > " +
			folder + "/taken; echo done",
		"cwd": "/", "terminal": true,
	})
	eventually(t, func() bool { return g.shell("cat "+folder+"/busy 2>/dev/null && echo there").stdout != "" })
	var pasted strings.Builder
	for i := range 20_000 {
		fmt.Fprintln(&pasted, "line", i)
	}
	if answer := g.open("input", fields{"pid": pid}, []byte(pasted.String())).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if answer := g.open("input", fields{"pid": pid}, []byte("refused\n")).answer(); answer["code"] != "INPUT_BLOCKED" {
		t.Fatal(answer)
	}
	g.write(folder+"/go", "")
	if answer := g.open("input", fields{"pid": pid}, []byte("last\n")).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if got := g.await(pid); got["exit_code"] != 0.0 {
		t.Fatal(got)
	}
	taken, _ := os.ReadFile(folder + "/taken")
	if got := string(taken); got != pasted.String()+"last\n" {
		t.Fatalf("%d bytes", len(got))
	}
}

func TestAShellThatEndsIsNotHeldByWhatItDidNotRead(t *testing.T) {
	g := startGuest(t)
	pid := g.started(fields{"shell": "stty -echo; (trap '' HUP; sleep 8) & sleep 5", "cwd": "/", "terminal": true})
	began := time.Now()
	answer := g.open("input", fields{"pid": pid}, []byte(strings.Repeat("nobody reads this\n", 20_000))).answer()
	if answer["ok"] != true {
		t.Fatal(answer)
	}
	if got := g.await(pid); got["exit_code"] != 0.0 || time.Since(began) > 7500*time.Millisecond {
		t.Fatalf("%v after %v", got, time.Since(began))
	}
}

// Many programs close their streams before they exit. To them that is no reason to be hung up on.
func TestAProgramMayLetGoOfItsTerminal(t *testing.T) {
	g := startGuest(t)
	detached := fields{"shell": "exec <&- >&- 2>&-; sleep 0.3; exit 3", "cwd": "/", "terminal": true}
	if got := g.run(detached, nil); got.fields["exit_code"] != 3.0 {
		t.Fatal(got)
	}
	if got := g.await(g.started(detached)); got["exit_code"] != 3.0 {
		t.Fatal(got)
	}
}

func TestAProgramMayComeBackToItsTerminal(t *testing.T) {
	g := startGuest(t)
	got := g.run(fields{
		"shell": "echo before; exec <&- >&- 2>&-; sleep 0.3; exec <>/dev/tty >&0 2>&0; echo after; sleep 0.3; exit 3", "cwd": "/", "terminal": true,
	}, nil)
	if got.fields["exit_code"] != 3.0 || got.stdout != "before\r\nafter\r\n" {
		t.Fatal(got)
	}
}

func TestWhatALetGoTerminalLeavesBehindEndsWithItsProgram(t *testing.T) {
	g := startGuest(t)
	began := time.Now()
	got := g.run(fields{"shell": "(trap '' HUP; sleep 8) & exec <&- >&- 2>&-; exit 3", "cwd": "/", "terminal": true}, nil)
	if got.fields["exit_code"] != 3.0 || time.Since(began) > 5*time.Second {
		t.Fatalf("%v after %v", got, time.Since(began))
	}
}

func TestTheInputOfATerminalEndsAlsoInALine(t *testing.T) {
	g := startGuest(t)
	for _, typed := range []string{"typed", "typed\n", "ty\nped"} {
		got := g.run(fields{"shell": "stty -echo; cat; echo; echo over", "cwd": "/", "terminal": true, "timeout_ms": 5000}, []byte(typed))
		if got.fields["exit_code"] != 0.0 || !strings.HasSuffix(got.stdout, "over\r\n") {
			t.Fatalf("%q: %v", typed, got)
		}
	}
	pid := g.started(fields{"shell": "cat; exit 4", "cwd": "/", "terminal": true, "timeout_ms": 5000})
	if answer := g.open("input", fields{"pid": pid, "close": true}, []byte("typed")).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if got := g.await(pid); got["exit_code"] != 4.0 {
		t.Fatal(got)
	}
}

func TestATerminalBelongsToWhoeverHasIt(t *testing.T) {
	g := startGuest(t)
	for _, user := range []string{"nobody", "root"} {
		got := g.run(fields{"shell": "stat -c %U $(tty) && echo opened > $(tty)", "cwd": "/", "env": fields{"HOME": "/"}, "user": user, "terminal": true}, nil)
		if got.fields["exit_code"] != 0.0 || got.stdout != user+"\r\nopened\r\n" {
			t.Fatal(got)
		}
	}
}
