package agent_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// files is how many files a cut upload has on their way.
var files = map[string]int{"write": 1, "write-many": 2, "unpack": 1}

// cut are uploads into a folder that begin, and do not end.
func cut(t *testing.T, folder string) map[string]func(*guest) *exchange {
	return map[string]func(*guest) *exchange{
		"write": func(g *guest) *exchange {
			return g.open("write", fields{"path": folder + "/old", "body": 100}, []byte("only part"))
		},
		"write-many": func(g *guest) *exchange {
			body := manyPart(folder+"/old", "new", folder+"/second", strings.Repeat("s", 1000))
			body = body[:len(body)-1]
			return g.open("write-many", fields{"body": -1}, append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
		},
		"unpack": func(g *guest) *exchange {
			archive := tarOf(t, tarred{name: "old", content: strings.Repeat("o", 300_000)})
			return g.open("unpack", fields{"path": folder, "body": len(archive)}, archive[:200_000])
		},
	}
}

// holding says how many files the agent has open that are on their way into a folder.
func (g *guest) holding(folder string) (count int) {
	all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", g.process.Process.Pid))
	for _, each := range all {
		var status unix.Stat_t
		if target, err := os.Readlink(each); err == nil && strings.HasPrefix(target, folder+"/") && unix.Stat(each, &status) == nil &&
			status.Mode&unix.S_IFMT == unix.S_IFREG {
			count++
		}
	}
	return count
}

func TestAnUploadWhoseAgentIsKilledLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	for call, begin := range cut(t, folder) {
		g := startGuest(t)
		g.write(folder+"/old", "old")
		begin(g)
		eventually(t, func() bool { return g.holding(folder) == files[call] })
		_ = g.process.Process.Kill()
		_ = g.process.Wait()
		expectTree(t, folder, "old=old")
	}
}

func TestAWatchTellsNothingOfAnUploadThatIsCut(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	g.write(folder+"/old", "old")
	usual := g.listen(folder, true, "")
	asked := g.listenWith(folder, fields{"path": folder, "attributes": true})
	for call, begin := range cut(t, folder) {
		upload := begin(g)
		eventually(t, func() bool { return g.holding(folder) == files[call] })
		upload.conn.Close()
		eventually(t, func() bool { return g.holding(folder) == 0 })
	}
	// A file may have a name that looks like the kernel's for one without.
	for _, name := range []string{"/#12", "/end"} {
		g.write(folder+name, "1")
		usual.expect("created " + name)
		asked.expect("created "+name, "modified "+name)
	}
	text, err := os.OpenFile(folder+"/#12", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	_, _ = text.WriteString("2")
	usual.expect("modified /#12")
}

func TestMoreFilesThanAreHeldOpenAreWrittenAtOnce(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	var pairs, want []string
	for i := range 200 {
		name := fmt.Sprintf("%03d", i)
		pairs = append(pairs, folder+"/"+name, "new "+name)
		want = append(want, name+"=new "+name)
		if i%2 == 0 {
			g.write(folder+"/"+name, "old")
		}
	}
	for _, atomic := range []bool{false, true} {
		if answer := g.writeMany(atomic, manyBody(pairs...)); answer["ok"] != true || len(answer["failed"].([]any)) != 0 {
			t.Fatalf("%v", answer)
		}
		expectTree(t, folder, strings.Join(want, " "))
	}
}
