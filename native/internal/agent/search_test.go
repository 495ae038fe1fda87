package agent

import (
	"os"
	"strings"
	"testing"
	"time"
)

// endless is a file that has text at its beginning, no line end, and takes hours to read.
func endless(t *testing.T) string {
	t.Helper()
	name := t.TempDir() + "/endless"
	if err := os.WriteFile(name, []byte(strings.Repeat("x", binaryProbe)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 4<<40); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestASearchOfAFileWithoutLineEndsIsOverWithItsTime(t *testing.T) {
	for name, end := range map[string]func(*searching){
		"its time":       func(s *searching) { s.end = time.Now() },
		"its connection": func(s *searching) { s.gone.Store(true) },
	} {
		s, err := newSearching(&searchRequest{Text: "needle", Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		end(s)
		info, err := inspect(endless(t), false)
		if err != nil {
			t.Fatal(err)
		}
		s.look(info)
		if !s.reply.Cut {
			t.Error("not over with " + name)
		}
	}
}

func TestATextIsFoundWhereTwoPiecesOfALineMeet(t *testing.T) {
	for _, folded := range []bool{false, true} {
		for before := range 9 {
			name := t.TempDir() + "/long"
			line := strings.Repeat("x", lineBuffer-before) + "NEEDLE\u212A" + strings.Repeat("y", lineBuffer) + "\nNEEDLE\u212A\n"
			if err := os.WriteFile(name, []byte(line), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := newSearching(&searchRequest{Text: "NEEDLE\u212A", IgnoreCase: folded, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			info, err := inspect(name, false)
			if err != nil {
				t.Fatal(err)
			}
			s.look(info)
			found := s.reply.Matches
			if len(found) != 2 || found[0].Line != 1 || found[1].Line != 2 || !strings.Contains(found[0].Text, "xNEEDLE\u212Ay") {
				t.Fatal(folded, before, found)
			}
		}
	}
}
