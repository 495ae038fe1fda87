package agent

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// openTerminal makes a pseudo terminal: our end, and the one of the program.
func openTerminal(rows, cols uint16) (*os.File, int, error) {
	ours, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, -1, fail("NO_TERMINAL", "no terminal can be made: %v", err)
	}
	theirs, err := openPeer(ours)
	if err != nil {
		unix.Close(ours)
		return nil, -1, fail("NO_TERMINAL", "no terminal can be made: %v", err)
	}
	if rows == 0 {
		rows = 24
	}
	if cols == 0 {
		cols = 80
	}
	_ = unix.IoctlSetWinsize(ours, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols})
	return os.NewFile(uintptr(ours), "terminal"), theirs, nil
}

func openPeer(ours int) (int, error) {
	if err := unix.IoctlSetPointerInt(ours, unix.TIOCSPTLCK, 0); err != nil {
		return -1, err
	}
	number, err := unix.IoctlGetInt(ours, unix.TIOCGPTN)
	if err != nil {
		return -1, err
	}
	return unix.Open("/dev/pts/"+strconv.Itoa(number), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
}
