package agent_test

import (
	"os"
	"testing"
	"time"
)

func TestAVersionTellsAFileFromOneOfTheSameSizeAndTime(t *testing.T) {
	g := startGuest(t)
	name := t.TempDir() + "/file"
	at := time.Unix(1_000_000, 0)
	versions := map[string]bool{}
	for _, content := range []string{"AAAA", "BBBB"} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
		looked, _ := g.call("stat", fields{"path": name, "follow": true})["info"].(map[string]any)
		read, _ := g.open("read", fields{"path": name}, nil).answer()["info"].(map[string]any)
		version, _ := looked["version"].(string)
		if version == "" || read["version"] != version || looked["modified_unix_ms"] != 1e9 {
			t.Fatal(looked, read)
		}
		versions[version] = true
		time.Sleep(20 * time.Millisecond) // the clock of a file system may have steps of ten
	}
	if len(versions) != 2 {
		t.Fatal(versions)
	}
	if folder, _ := g.call("stat", fields{"path": t.TempDir()})["info"].(map[string]any); folder["version"] != nil {
		t.Fatal(folder)
	}
}
