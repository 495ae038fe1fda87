package vm

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// entries reads an archive back as the kernel does.
func entries(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for len(data) > 0 {
		field := func(number int) int {
			value, err := strconv.ParseUint(string(data[6+8*number:14+8*number]), 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			return int(value)
		}
		if !bytes.HasPrefix(data, []byte("070701")) {
			t.Fatal("no entry where one has to be")
		}
		size, name := field(6), field(11)
		start := (110 + name + 3) &^ 3
		title := string(data[110 : 110+name-1])
		found[title] = data[start : start+size]
		if title == "TRAILER!!!" {
			return found
		}
		data = data[(start+size+3)&^3:]
	}
	t.Fatal("no end")
	return nil
}

func TestTheFirstFileSystemHoldsItsProgramsAndModules(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{"agent": "the agent", "list": "a.ko\nb.ko\n", "a.ko": "aa", "b.ko": "bbb"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(folder, "initrd")
	if err := Pack(folder, filepath.Join(folder, "agent"), out); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	found := entries(t, data)
	for name, text := range map[string]string{"agent": "the agent", "modules/a.ko": "aa", "modules/b.ko": "bbb", "modules/list": "a.ko\nb.ko\n", "proc": ""} {
		if content, ok := found[name]; !ok || string(content) != text {
			t.Errorf("%s: %q", name, content)
		}
	}
	if len(found["init"]) < 1<<20 {
		t.Error("no program")
	}
	if err := Pack(filepath.Join(folder, "none"), filepath.Join(folder, "agent"), out); err == nil {
		t.Error("modules that are not there were packed")
	}
}
