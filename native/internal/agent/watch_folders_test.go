package agent_test

import (
	"os"
	"strconv"
	"testing"
)

// tellsOf says that a watch goes on into a folder.
func (l *listening) tellsOf(g *guest, folder string) {
	l.t.Helper()
	g.write(folder+"/after", "x")
	l.until("created " + folder[len(l.folder):] + "/after")
}

func TestAWatchGoesIntoAFolderThatWasCopied(t *testing.T) {
	g := startGuest(t)
	folder, source := t.TempDir(), t.TempDir()+"/source"
	g.write(source+"/sub/file", "1")
	l := g.listen(folder, true, "")
	flat := g.listen(folder, false, "")
	g.call("copy", fields{"from": source, "to": folder + "/new"})
	l.expect("created /new", "created /new/sub", "created /new/sub/file")
	flat.expect("created /new")
	l.tellsOf(g, folder+"/new/sub")
	g.call("copy", fields{"from": source + "/sub/file", "to": folder + "/one"})
	l.until("created /one")
	g.call("copy", fields{"from": source + "/sub/file", "to": folder + "/one", "overwrite": true})
	l.expect("modified /one")
	// In the place of another folder: it is that one that is watched.
	g.write(source+"/sub/second", "2")
	g.call("copy", fields{"from": source, "to": folder + "/new", "overwrite": true})
	l.expect("modified /new", "created /new/sub")
	l.until("created /new/sub/second")
	l.tellsOf(g, folder+"/new/sub")
	g.call("mkdir", fields{"path": folder + "/last"})
	l.expect("created /last")
}

func TestAWatchGoesIntoAFolderThatWasRenamedAtOnce(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	l := g.listen(folder, true, "")
	const many = 200
	for i := range many {
		// In the end the first name is another folder's.
		for _, name := range []string{"/f", "/g"} {
			if err := os.Mkdir(folder+"/t", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(folder+"/t", folder+name+strconv.Itoa(i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range many {
		for _, name := range []string{"/f", "/g"} {
			l.tellsOf(g, folder+name+strconv.Itoa(i))
		}
	}
}
