package vm

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
)

const maxSettings = 256 << 10

// Machine is what the node asks of the monitor.
type Machine struct {
	MemoryMb    int    `json:"memory_mb"`
	Processors  int    `json:"processors"`
	Accelerator string `json:"accelerator"` // kvm, or tcg in tests
	Kernel      string `json:"kernel"`
	Initrd      string `json:"initrd"`
	User        uint32 `json:"user"` // whom the emulator runs as
	Interface   string `json:"interface"`
	Guest       Guest  `json:"guest"`
}

// Guest is what process 1 inside is told first.
type Guest struct {
	Try       bool     `json:"try"` // answer, and go
	Hostname  string   `json:"hostname"`
	Address   string   `json:"address"`
	Gateway   string   `json:"gateway"`
	Pids      int      `json:"pids"`
	OpenFiles uint64   `json:"open_files"`
	Agent     []string `json:"agent"` // arguments
	Volumes   []Volume `json:"volumes"`
}

// Volume is a directory of the host's, shown at a place of the guest's.
type Volume struct {
	Name     string `json:"name"` // of the folder in which the monitor sees it
	Target   string `json:"target"`
	ReadOnly bool   `json:"read_only"`
}

// settle has the guest begin: its settings go in, one line comes back, which is empty when all is well.
func settle(stream net.Conn, guest *Guest) error {
	defer stream.Close()
	text, err := json.Marshal(guest)
	if err != nil {
		return err
	}
	if _, err := stream.Write(append(text, '\n')); err != nil {
		return err
	}
	answer, err := line(stream, 4096)
	if err != nil {
		return fmt.Errorf("the machine did not begin: %w", err)
	}
	if answer != "" {
		return fmt.Errorf("the machine did not begin: %q", answer)
	}
	return nil
}

// begun answers settle.
func begun(stream net.Conn, problem error) {
	text := ""
	if problem != nil {
		text = strings.ReplaceAll(problem.Error(), "\n", " ")
	}
	_, _ = stream.Write([]byte(text[:min(len(text), 4000)] + "\n"))
}

// line reads up to a line end, a byte at a time: what follows is not ours.
func line(from io.Reader, limit int) (string, error) {
	var text []byte
	var one [1]byte
	for len(text) < limit {
		if _, err := io.ReadFull(from, one[:]); err != nil {
			return "", err
		}
		if one[0] == '\n' {
			return string(text), nil
		}
		text = append(text, one[0])
	}
	return "", fmt.Errorf("a line of more than %d bytes", limit)
}
