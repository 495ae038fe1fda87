package agent

import (
	"errors"
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAnArchiveWithoutAFileThatIsThereFails(t *testing.T) {
	name := t.TempDir() + "/file"
	if err := os.WriteFile(name, []byte("there"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &archiver{to: newTarrer(io.Discard), base: "/", most: 10, buffer: make([]byte, 10)}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 0, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	err := a.add(name, 1)
	if failed := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); failed != nil {
		t.Fatal(failed)
	}
	if !errors.Is(err, unix.EMFILE) {
		t.Fatal(err)
	}
	if err := a.addFile(name+"-gone", 1); err != nil {
		t.Fatal(err)
	}
	if err := a.addFile(t.TempDir(), 1); err != nil {
		t.Fatal(err)
	}
}

func TestAnArchiveOfADirectoryWithTooManyEntriesFails(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"/1", "/2"} {
		if err := os.WriteFile(folder+name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for most, want := range map[int]string{1: "TOO_LARGE", 2: ""} {
		a := &archiver{to: newTarrer(io.Discard), base: folder, most: most, buffer: make([]byte, 10)}
		err, got := a.add(folder, 0), ""
		var told *failure
		if errors.As(err, &told) {
			got = told.code
		}
		if got != want {
			t.Error(most, err)
		}
	}
}
