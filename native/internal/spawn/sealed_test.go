package spawn

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// A start makes room among the descriptors of the child, next to the highest one that it passes.
func TestASealedProgramRunsWhateverDescriptorsAreInherited(t *testing.T) {
	path := newPrograms().sealed("/bin/true")
	if path == "/bin/true" {
		t.Fatal("no copy was made")
	}
	for least := 3; least < 100; least++ {
		passed := duplicate(t, least)
		command := exec.Cmd{Path: path, Args: []string{"true"}, ExtraFiles: []*os.File{passed}}
		if err := command.Run(); err != nil {
			t.Errorf("with descriptor %d: %v", passed.Fd(), err)
		}
		passed.Close()
	}
}

func duplicate(t *testing.T, least int) *os.File {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	fd, err := unix.FcntlInt(null.Fd(), unix.F_DUPFD_CLOEXEC, least)
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), os.DevNull)
}
