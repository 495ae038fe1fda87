package agent_test

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
)

// listening is a watch as the host sees it.
type listening struct {
	*exchange
	folder string
	cursor string
	lost   bool
}

func (g *guest) listen(folder string, recursive bool, after string) *listening {
	g.t.Helper()
	return g.listenWith(folder, fields{"path": folder, "recursive": recursive, "after": after})
}

func (g *guest) listenWith(folder string, asked fields) *listening {
	g.t.Helper()
	e := g.open("watch", asked, nil)
	answer := e.answer()
	if answer["ok"] != true {
		g.t.Fatal(answer)
	}
	return &listening{exchange: e, folder: folder, cursor: answer["cursor"].(string), lost: answer["lost"].(bool)}
}

// next is the next change, its path without what all have in common; the cursor moves on to it.
func (l *listening) next() string {
	l.t.Helper()
	line, err := l.in.ReadString('\n')
	if err != nil {
		l.t.Fatal(err)
	}
	var got struct{ Event, Path, ID string }
	if err := json.Unmarshal([]byte(line), &got); err != nil || got.ID == l.cursor {
		l.t.Fatalf("%q after %s: %v", line, l.cursor, err)
	}
	l.cursor = got.ID
	return strings.TrimSpace(got.Event + " " + strings.TrimPrefix(got.Path, l.folder))
}

func (l *listening) expect(changes ...string) {
	l.t.Helper()
	for _, want := range changes {
		if got := l.next(); got != want {
			l.t.Fatalf("%q where %q was due", got, want)
		}
	}
}

// until passes over changes to the one that is due.
func (l *listening) until(want string) {
	l.t.Helper()
	for l.next() != want {
	}
}

func TestAWatchTellsAttributesToWhoAsksForThem(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	usual := g.listen(folder, true, "")
	asked := g.listenWith(folder, fields{"path": folder, "attributes": true})
	g.write(folder+"/whole", "written")
	asked.expect("created /whole", "modified /whole")
	if err := os.Chmod(folder+"/whole", 0o600); err != nil {
		t.Fatal(err)
	}
	asked.expect("attributes /whole")
	g.write(folder+"/empty", "")
	asked.expect("created /empty")
	usual.expect("created /whole", "created /empty")
}

func TestAWatchGoesOnWhereItsListenerLeft(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	first := g.listen(folder, true, "")
	idle := first.cursor
	g.write(folder+"/one", "1")
	first.expect("created /one")
	seen := first.cursor
	first.conn.Close()
	g.write(folder+"/two", "2")
	g.call("mkdir", fields{"path": folder + "/sub"})
	g.write(folder+"/sub/three", "3")
	again := g.listen(folder, true, seen)
	if again.lost || again.cursor != seen {
		t.Fatalf("%+v", again)
	}
	again.expect("created /two", "created /sub", "created /sub/three")
	whole := g.listen(folder, true, idle)
	whole.expect("created /one", "created /two", "created /sub", "created /sub/three")
	now := g.listen(folder, true, "")
	if now.cursor != again.cursor {
		t.Fatalf("%s where %s was last", now.cursor, again.cursor)
	}
	g.write(folder+"/four", "4")
	for _, l := range []*listening{again, whole, now} {
		l.expect("created /four")
	}
}

func TestACursorThatIsNotOfThisWatchIsTold(t *testing.T) {
	g := startGuest(t)
	folder, other := t.TempDir(), t.TempDir()
	l := g.listen(folder, true, "")
	elsewhere := g.listen(other, true, "")
	flat := g.listen(folder, false, "")
	generation, _, _ := strings.Cut(l.cursor, ":")
	for _, cursor := range []string{elsewhere.cursor, flat.cursor, generation + ":7", strings.Repeat("0", 16) + ":0"} {
		if again := g.listen(folder, true, cursor); !again.lost || again.cursor != l.cursor {
			t.Fatalf("%s: %+v", cursor, again)
		}
	}
	for _, cursor := range []string{"x", ":", generation, generation + ":", generation + ":-1", generation + ":+1",
		generation + ":" + strings.Repeat("9", 19), "a" + l.cursor} {
		g.refused("watch", fields{"path": folder, "recursive": true, "after": cursor}, "INVALID_REQUEST")
	}
}

func TestACursorThatFellOutOfTheRingIsTold(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	for range 3 {
		folder += "/" + strings.Repeat("long", 60)
	}
	g.call("mkdir", fields{"path": folder, "parents": true})
	l := g.listen(folder, true, "")
	before := l.cursor
	// As bytes they are more than the ring holds, each part less than what the kernel holds back for us.
	for part := range 4 {
		for i := range 400 {
			name := folder + "/" + strings.Repeat("x", 240) + strconv.Itoa(part*400+i)
			if err := errors.Join(os.Mkdir(name, 0o755), os.Remove(name)); err != nil {
				t.Fatal(err)
			}
		}
		l.until("deleted /" + strings.Repeat("x", 240) + strconv.Itoa(part*400+399))
	}
	if again := g.listen(folder, true, before); !again.lost || again.cursor != l.cursor {
		t.Fatalf("%+v where %s was last", again, l.cursor)
	}
}

func TestAWatchGoesOnWhenItsFolderIsMadeAgain(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	app := folder + "/app"
	for _, recursive := range []bool{true, false} {
		g.write(app+"/old", "x")
		l := g.listen(app, recursive, "")
		g.shell("cd " + folder + " && rm -rf app && mkdir app && echo 1 > app/new && mkdir app/sub && echo 1 > app/sub/deep")
		l.expect("deleted /old", "deleted")
		l.expect("created")
		l.until("created /sub")
		if recursive {
			l.until("created /sub/deep")
			g.write(app+"/sub/more", "x")
			l.until("created /sub/more")
		}
		g.write(app+"/last", "x")
		l.until("created /last")
		l.conn.Close()
		g.call("remove", fields{"path": app, "recursive": true})
	}
}

func TestAWatchSeesItsFolderGoThatAProcessStandsIn(t *testing.T) {
	g := startGuest(t)
	app := t.TempDir() + "/app"
	g.call("mkdir", fields{"path": app})
	l := g.listen(app, true, "")
	g.started(fields{"shell": "sleep 60", "cwd": app})
	g.shell("rmdir " + app + " && mkdir " + app)
	l.expect("deleted", "created")
	g.write(app+"/file", "x")
	l.expect("created /file")
}

func TestAWatchFollowsThePathAndNotTheFolder(t *testing.T) {
	g := startGuest(t)
	top := t.TempDir()
	app := top + "/a/b/app"
	g.write(app+"/file", "x")
	l := g.listen(app, true, "")
	g.shell("mv " + top + "/a " + top + "/gone && echo 1 > " + top + "/gone/b/app/other")
	l.expect("deleted")
	away := l.cursor
	g.refused("watch", fields{"path": app, "recursive": true}, "PATH_NOT_FOUND")
	again := g.listen(app, true, away)
	g.shell("mkdir -p " + app + " && echo 1 > " + app + "/file")
	for _, each := range []*listening{l, again} {
		each.expect("created")
		each.until("created /file")
	}
	g.shell("cd " + top + " && mkdir link && mv a/b/app link/app && ln -s ../link a/c && rmdir a/b && mv a/c a/b")
	l.until("deleted")
	l.expect("created", "created /file")
	g.write(app+"/more", "x")
	l.expect("created /more")
}

func TestWatchersWithoutListenersAreBounded(t *testing.T) {
	g := startGuest(t)
	const more = 12
	var first *listening
	for range more {
		l := g.listen(t.TempDir(), true, "")
		if first == nil {
			first = l
		}
		_ = l.conn.CloseWrite()
		// The agent closes its side once the listener is counted out.
		if _, err := l.in.ReadByte(); err == nil {
			t.Fatal("a change of nothing")
		}
	}
	for {
		if kept := g.watchers(); kept <= 8 {
			break
		}
		g.call("ping", nil)
	}
	if !g.listen(first.folder, true, first.cursor).lost {
		t.Fatal("the oldest stayed")
	}
}

// watchers counts the descriptors that the agent watches with.
func (g *guest) watchers() (count int) {
	g.t.Helper()
	folder := "/proc/" + strconv.Itoa(g.process.Process.Pid) + "/fd/"
	entries, err := os.ReadDir(folder)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, entry := range entries {
		if target, _ := os.Readlink(folder + entry.Name()); strings.Contains(target, "inotify") {
			count++
		}
	}
	return count
}
