package agent

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestOnlyARegularFileHoldsAText(t *testing.T) {
	folder := t.TempDir()
	file, pipe := filepath.Join(folder, "file"), filepath.Join(folder, "pipe")
	if err := os.WriteFile(file, []byte("text\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	if !hasText(file, "text\n") || hasText(file, "text") || hasText(file, "tent\n") {
		t.Error("a file is not compared as a whole")
	}
	if hasText(pipe, "") || hasText(folder, "") || hasText(filepath.Join(folder, "none"), "") {
		t.Error("something else holds a text")
	}
}
