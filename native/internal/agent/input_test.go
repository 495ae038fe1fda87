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
