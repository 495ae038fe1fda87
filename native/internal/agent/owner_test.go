package agent_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// whose is the owner and mode of what is at a path itself.
func whose(t *testing.T, path string) string {
	t.Helper()
	var status syscall.Stat_t
	if err := syscall.Lstat(path, &status); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d:%d %o", status.Uid, status.Gid, status.Mode&0o7777)
}

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
}

func TestWhatIsNewBelongsToItsOwnerAndWhatIsThereStaysWhoseItIs(t *testing.T) {
	needsRoot(t)
	g := startGuest(t)
	folder := t.TempDir()
	ann := fields{"uid": 1234, "gid": 2345}
	ours := whose(t, folder)
	write := func(path string, more fields) {
		t.Helper()
		header := fields{"path": path, "body": 1}
		for name, value := range more {
			header[name] = value
		}
		g.open("write", header, []byte("x")).answer()
	}
	expect := func(path, wanted string) {
		t.Helper()
		if found := whose(t, folder+path); found != wanted {
			t.Fatalf("%s: %s, not %s", path, found, wanted)
		}
	}
	write(folder+"/a/b/file", fields{"owner": ann})
	expect("", ours)
	expect("/a", "1234:2345 755")
	expect("/a/b", "1234:2345 755")
	expect("/a/b/file", "1234:2345 644")
	// Nobody asks: as it was.
	write(folder+"/a/b/file", fields{})
	expect("/a/b/file", "1234:2345 644")
	// Somebody else takes it over: it no longer runs as anybody.
	if err := os.Chmod(folder+"/a/b/file", os.ModeSetuid|0o755); err != nil {
		t.Fatal(err)
	}
	write(folder+"/a/b/file", fields{"owner": fields{"uid": 0, "gid": 0}})
	expect("/a/b/file", "0:0 755")
	g.call("mkdir", fields{"path": folder + "/c/d", "parents": true, "mode": 0o700, "owner": ann})
	expect("/c", "1234:2345 755")
	expect("/c/d", "1234:2345 700")
	g.refused("mkdir", fields{"path": folder + "/c/d", "owner": ann}, "ALREADY_EXISTS")
	g.call("mkdir", fields{"path": folder + "/c/d", "parents": true, "owner": fields{"uid": 7, "gid": 7}})
	expect("/c/d", "1234:2345 700")
	write(folder+"/mine", fields{})
	g.call("move", fields{"from": folder + "/mine", "to": folder + "/e/mine", "owner": ann})
	expect("/e", "1234:2345 755")
	expect("/e/mine", fmt.Sprintf("%d:%d 644", os.Getuid(), os.Getgid()))
	g.refused("mkdir", fields{"path": folder + "/f", "owner": fields{"uid": 1<<32 - 1, "gid": 1}}, "INVALID_REQUEST")
}

func TestALinkGivesNothingAway(t *testing.T) {
	needsRoot(t)
	g := startGuest(t)
	folder := t.TempDir()
	ann := fields{"uid": 1234, "gid": 2345}
	if err := os.MkdirAll(folder+"/real", 0o755); err != nil {
		t.Fatal(err)
	}
	ours := whose(t, folder+"/real")
	for link, target := range map[string]string{"way": "real", "nowhere": "none"} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	g.call("mkdir", fields{"path": folder + "/way/new", "parents": true, "owner": ann})
	if found := whose(t, folder+"/real"); found != ours {
		t.Fatal(found)
	}
	if found := whose(t, folder+"/real/new"); found != "1234:2345 755" {
		t.Fatal(found)
	}
	g.refused("mkdir", fields{"path": folder + "/nowhere/new", "parents": true, "owner": ann}, "ALREADY_EXISTS")
	g.refused("mkdir", fields{"path": folder + "/nowhere", "owner": ann}, "ALREADY_EXISTS")
	if found := whose(t, folder+"/nowhere"); found != "0:0 777" {
		t.Fatal(found)
	}
}
