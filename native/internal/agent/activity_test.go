package agent_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// hearing is an activity as the host hears it.
type hearing struct{ *exchange }

type heard struct {
	Event     string
	Pid       int
	Kept      bool
	StartedMs int64 `json:"started_unix_ms"`
	Command   string
	Line      string
	Cut       bool
	ExitCode  int   `json:"exit_code"`
	TimedOut  bool  `json:"timed_out"`
	Micros    int64 `json:"duration_micros"`
	Lost      int
}

func (g *guest) hear() *hearing {
	g.t.Helper()
	e := g.open("activity", nil, nil)
	if answer := e.answer(); answer["ok"] != true {
		g.t.Fatal(answer)
	}
	return &hearing{e}
}

func (h *hearing) next() heard {
	h.t.Helper()
	line, err := h.in.ReadString('\n')
	if err != nil {
		h.t.Fatal(err)
	}
	var got heard
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		h.t.Fatalf("%q: %v", line, err)
	}
	return got
}

// all is what one command does, to its end.
func (h *hearing) all() (notes []heard) {
	h.t.Helper()
	for {
		got := h.next()
		notes = append(notes, got)
		if got.Event == "completed" {
			return notes
		}
	}
}

func told(arguments fields) fields {
	arguments["told"], arguments["cwd"] = true, "/"
	return arguments
}

func TestWhoHearsLearnsOfACommandItsLinesAndItsEnd(t *testing.T) {
	g := startGuest(t)
	h := g.hear()
	g.run(told(fields{"shell": "echo one; printf 'two\\r\\nthree'; exit 3"}), nil)
	notes := h.all()
	if len(notes) != 5 || notes[0].Event != "started" || !strings.HasPrefix(notes[0].Command, "echo one;") {
		t.Fatalf("%+v", notes)
	}
	for i, want := range []string{"one", "two", "three"} {
		if got := notes[i+1]; got.Event != "stdout" || got.Line != want || got.Pid != notes[0].Pid || got.Kept {
			t.Fatalf("%+v", got)
		}
	}
	if end := notes[4]; end.ExitCode != 3 || end.Micros < 1 || end.StartedMs != notes[0].StartedMs {
		t.Fatalf("%+v", end)
	}
}

func TestWhoHearsLearnsOfAProcessUnderItsNumber(t *testing.T) {
	g := startGuest(t)
	h := g.hear()
	pid := g.started(told(fields{"shell": "echo late >&2; sleep 5", "timeout_ms": 300}))
	notes := h.all()
	if len(notes) != 3 || notes[1].Event != "stderr" || notes[1].Line != "late" || !notes[2].TimedOut || notes[2].ExitCode != 124 {
		t.Fatalf("%+v", notes)
	}
	for _, n := range notes {
		if n.Pid != pid || !n.Kept {
			t.Fatalf("%+v of %d", n, pid)
		}
	}
}

func TestOnlyWhatIsACallersIsTold(t *testing.T) {
	g := startGuest(t)
	h := g.hear()
	g.shell("echo quiet")
	g.started(fields{"shell": "echo quiet", "cwd": "/"})
	g.run(told(fields{"shell": "stty size", "terminal": true}), nil)
	notes := h.all()
	if len(notes) != 2 || notes[0].Command != "stty size" {
		t.Fatalf("%+v", notes)
	}
}

func TestALongLineIsToldCutAtAWholeCharacter(t *testing.T) {
	g := startGuest(t)
	h := g.hear()
	g.run(told(fields{"shell": "printf x; for i in $(seq 3000); do printf ö; done; echo; echo next"}), nil)
	notes := h.all()
	if len(notes) != 4 || !notes[1].Cut || notes[1].Line != "x"+strings.Repeat("ö", 2047) {
		t.Fatalf("%d notes, %+v", len(notes), notes[1])
	}
	if notes[2].Cut || notes[2].Line != "next" {
		t.Fatalf("%+v", notes[2])
	}
}

func TestWhoHearsSlowlyLosesLinesAndNoCommandWaits(t *testing.T) {
	g := startGuest(t)
	h := g.hear()
	g.run(told(fields{"shell": "seq 2000000"}), nil)
	g.await(g.started(told(fields{"shell": "seq 2000000"})))
	for range 2 {
		lines, lost := 0, 0
		for _, n := range h.all() {
			if n.Event == "stdout" {
				lines++
			}
			lost += n.Lost
		}
		if lines == 0 || lost == 0 || lines+lost != 2000000 {
			t.Fatalf("%d were told, %d lost", lines, lost)
		}
	}
}

func TestWhoComesLaterHearsTheRestAndSeveralHearTheSame(t *testing.T) {
	g := startGuest(t)
	pid := g.started(told(fields{"shell": "echo before; read x; echo after $x", "keep_stdin_open": true}))
	eventually(t, func() bool {
		return g.call("process", fields{"pid": pid})["process"].(map[string]any)["last_sequence"] == 1.0
	})
	first, second := g.hear(), g.hear()
	input := []byte("all\n")
	if answer := g.open("input", fields{"pid": pid}, input).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	for _, h := range []*hearing{first, second} {
		if notes := h.all(); len(notes) != 2 || notes[0].Line != "after all" {
			t.Fatalf("%+v", notes)
		}
	}
}

func TestNoMoreHearThanThereIsRoomForAndWhoGoesMakesRoom(t *testing.T) {
	g := startGuest(t)
	var all []*hearing
	for range 16 {
		all = append(all, g.hear())
	}
	g.refused("activity", nil, "BUSY")
	all[0].conn.Close()
	deadline := time.Now().Add(10 * time.Second)
	for g.open("activity", nil, nil).answer()["ok"] != true {
		if time.Now().After(deadline) {
			t.Fatal("there is no room again")
		}
	}
}
