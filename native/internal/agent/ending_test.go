package agent_test

import (
	"io"
	"strings"
	"testing"
	"time"
)

// A process substitution is a child that the shell does not wait for.
func TestWhatChildrenWriteRightAfterTheEndBelongsToTheCommand(t *testing.T) {
	g := startGuest(t)
	for range 20 {
		if got := g.run(fields{"words": []string{"/bin/bash", "-c", "seq 3 > >(sleep 0.02; sed s/^/x/)"}, "cwd": "/"}, nil); got.stdout != "x1\nx2\nx3\n" {
			t.Fatalf("%q", got.stdout)
		}
	}
	// One stream is silent, and the other is not.
	got := g.shell("(for i in 1 2 3 4; do sleep 0.06; echo $i; done; echo err >&2) & :")
	if got.stdout != "1\n2\n3\n4\n" || got.stderr != "err\n" {
		t.Fatalf("%q %q", got.stdout, got.stderr)
	}
	got = g.run(fields{"shell": "(trap '' HUP; sleep 0.05; echo late) & :", "cwd": "/", "terminal": true}, nil)
	if got.stdout != "" && got.stdout != "late\r\n" { // the kernel may have cut the line by then
		t.Fatalf("%q", got.stdout)
	}
}

func TestACommandWaitsNoLongerForItsChildrenThanTheyWrite(t *testing.T) {
	g := startGuest(t)
	for line, most := range map[string]time.Duration{
		"echo x":                                  90 * time.Millisecond,
		"sleep 10 > /dev/null 2>&1 & echo x":      90 * time.Millisecond,
		"sleep 10 & echo x":                       900 * time.Millisecond,
		"(while sleep 0.05; do echo; done) & :":   5 * time.Second,
		"yes & sleep 0.1":                         5 * time.Second,
		"(sleep 0.5; echo too late) & echo x":     450 * time.Millisecond,
		"(sleep 0.5; echo too late) & echo x >&2": 450 * time.Millisecond,
	} {
		best := time.Hour
		for range 5 {
			began := time.Now()
			if got := g.shell(line); strings.Contains(got.stdout, "late") {
				t.Fatalf("%s: %q", line, got.stdout)
			}
			if best = min(best, time.Since(began)); best < most {
				break
			}
		}
		if best >= most {
			t.Errorf("%s took %v", line, best)
		}
	}
}

func TestRecordsOfChildrenComeBeforeTheExit(t *testing.T) {
	g := startGuest(t)
	e := g.open("start", fields{"shell": "(for i in 1 2 3; do sleep 0.05; echo $i; done) & echo 0", "cwd": "/", "follow": true}, nil)
	if answer := e.answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	var text strings.Builder
	for want := uint64(1); ; want++ {
		next, err := e.record()
		if err != nil || next.sequence != want {
			t.Fatalf("%+v where %d was due: %v", next, want, err)
		}
		if next.stream == 3 {
			break
		}
		text.WriteString(next.payload)
	}
	if _, err := e.record(); err != io.EOF || text.String() != "0\n1\n2\n3\n" {
		t.Fatalf("%q %v", text.String(), err)
	}
}
