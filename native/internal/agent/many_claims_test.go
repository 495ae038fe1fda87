package agent_test

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// What another call was told to be written stays, when a call that gave the same name takes its files back. By a link
// the name is another one, and both give it at the same time.
func TestAFileThatAnotherCallWroteIsNotTakenBack(t *testing.T) {
	g := startGuest(t)
	f := t.TempDir()
	const many = 800
	var pairs []string
	for i := range many {
		pairs = append(pairs, fmt.Sprintf("%s/real/%d", f, i), "many")
	}
	// The last two cannot both be there, which shows only when they get their names.
	pairs = append(pairs, f+"/real/z", "z", f+"/real/z/below", "x")
	for _, way := range []string{"real", "link"} {
		for _, there := range []bool{true, false} {
			tried := 0
			for ; tried < 20; tried++ {
				if err := os.RemoveAll(f + "/real"); err != nil {
					t.Fatal(err)
				}
				g.write(f+"/real/0", "old")
				if way == "link" && tried == 0 && there {
					if err := os.Symlink("real", f+"/link"); err != nil {
						t.Fatal(err)
					}
				}
				if !there {
					g.call("remove", fields{"path": f + "/real/0"})
				}
				if g.overtakes(pairs, f+"/real/0", f+"/"+way+"/0") {
					break
				}
			}
			if tried == 20 {
				t.Fatal("the two never met")
			}
			if text, err := os.ReadFile(f + "/real/0"); string(text) != "other" {
				t.Fatalf("by %s, there before %v: %q %v", way, there, text, err)
			}
		}
	}
}

// overtakes writes a file as soon as it sees that a call that writes many is giving them their names; false when that
// was over too soon.
func (g *guest) overtakes(pairs []string, seen, written string) bool {
	g.t.Helper()
	var over atomic.Bool
	ended := make(chan fields)
	e := g.open("write-many", fields{"atomic": true, "body": -1}, inChunks(manyBody(pairs...)))
	go func() {
		answer := e.answer()
		over.Store(true)
		ended <- answer
	}()
	placed := false
	for end := time.Now().Add(20 * time.Second); !placed && !over.Load() && time.Now().Before(end); {
		text, _ := os.ReadFile(seen)
		placed = string(text) == "many"
	}
	if placed {
		g.write(written, "other")
	}
	if answer := <-ended; answer["ok"] == true {
		g.t.Fatal(answer)
	}
	return placed
}
