package agent_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestACopyReplacesAFolderAsAWhole(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	g.write(folder+"/from/new", "new")
	g.write(folder+"/to/old", "old")
	g.call("copy", fields{"from": folder + "/from", "to": folder + "/to", "overwrite": true})
	if entries, _ := os.ReadDir(folder + "/to"); len(entries) != 1 || entries[0].Name() != "new" {
		t.Fatal(entries)
	}
	g.write(folder+"/file", "old")
	g.call("copy", fields{"from": folder + "/from", "to": folder + "/file", "overwrite": true})
	if content, err := os.ReadFile(folder + "/file/new"); string(content) != "new" {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(folder + "/.atoll-*"); len(left) != 0 {
		t.Fatal(left)
	}
}

func TestACopyDoesNotEmptyAMountBelowItsTarget(t *testing.T) {
	folder := t.TempDir()
	volume := folder + "/to/the volume"
	if err := os.MkdirAll(volume, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", volume, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("a test that mounts: ", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(volume, unix.MNT_DETACH) })
	g := startGuest(t)
	g.write(folder+"/from/new", "new")
	g.write(folder+"/to/old", "old")
	g.write(volume+"/shared", "kept")
	for _, to := range []string{folder + "/to", volume} {
		g.refused("copy", fields{"from": folder + "/from", "to": to, "overwrite": true}, "BUSY")
	}
	for _, name := range []string{folder + "/to/old", volume + "/shared"} {
		if _, err := os.Stat(name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestALinkDoesNotHideThatOnePathHoldsTheOther(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	g.write(folder+"/app/src/one", "1")
	g.write(folder+"/app/two", "2")
	if err := os.Symlink("app", folder+"/current"); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		"/current/src": "/app", "/app": "/current/not/yet/there", "/app/src": "/current/src",
	} {
		for _, call := range []string{"copy", "move"} {
			g.refused(call, fields{"from": folder + from, "to": folder + to, "overwrite": true}, "INVALID_PATH")
		}
	}
	for _, name := range []string{"/app/src/one", "/app/two"} {
		if _, err := os.Stat(folder + name); err != nil {
			t.Fatal(err)
		}
	}
	// The link itself is neither.
	g.call("copy", fields{"from": folder + "/current", "to": folder + "/app/link"})
	g.call("copy", fields{"from": folder + "/current/two", "to": folder + "/app/three"})
}
