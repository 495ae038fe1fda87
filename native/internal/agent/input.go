package agent

import (
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Waiting for a turn and then for a reader together stay below the time in which an answer is expected.
const inputPatience = 4 * time.Second

// endOfFile is the character that a terminal takes for the end.
const endOfFile = 4

// input is a standard input that was kept open. One writer at a time has it, in the order of their calls.
type input struct {
	turn     chan struct{}
	file     *os.File
	terminal bool
	closed   bool
	last     byte // what was written last; whoever has the turn knows it

	mu   sync.Mutex
	dead bool // no write waits any more
}

func newInput(file *os.File, terminal bool) *input {
	return &input{turn: make(chan struct{}, 1), file: file, terminal: terminal, last: '\n'}
}

// begin writes what came with the start of the process; later writers wait for it.
func (i *input) begin(data []byte) {
	i.turn <- struct{}{}
	go func() {
		defer shield()
		defer func() { <-i.turn }()
		_, _ = i.file.Write(data)
		i.wrote(data)
	}()
}

// take waits for its turn, but not for a process that does not read.
func (i *input) take() error {
	timer := time.NewTimer(inputPatience)
	defer timer.Stop()
	select {
	case i.turn <- struct{}{}:
	case <-timer.C:
		return fail("INPUT_BLOCKED", "the process does not read its standard input")
	}
	if i.closed {
		<-i.turn
		return fail("INPUT_CLOSED", "the standard input of the process is closed")
	}
	return nil
}

// waitUntil bounds how long a write waits; that of a dead process is over already.
func (i *input) waitUntil(end time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.dead {
		_ = i.file.SetWriteDeadline(end)
	}
}

// send writes all of the data, and with last ends the input. What a process does not read for a while it gets later:
// a caller who is refused knows that nothing was taken. So what waits is never more than one call has brought.
func (i *input) send(data []byte, last bool) error {
	if err := i.take(); err != nil {
		return err
	}
	i.waitUntil(time.Now().Add(inputPatience))
	written, err := i.file.Write(data)
	i.wrote(data)
	if err != nil && os.IsTimeout(err) && !i.isDead() {
		go i.later(data[written:], last)
		return nil
	}
	defer func() { <-i.turn }()
	if err != nil {
		return fail("INPUT_CLOSED", "the process reads no more")
	}
	i.finish(last)
	return nil
}

// later keeps the turn until the process has read the rest, or is dead.
func (i *input) later(rest []byte, last bool) {
	defer shield()
	defer func() { <-i.turn }()
	i.waitUntil(time.Time{})
	if _, err := i.file.Write(rest); err == nil {
		i.finish(last)
	}
}

func (i *input) isDead() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.dead
}

func (i *input) wrote(data []byte) {
	if len(data) > 0 {
		i.last = data[len(data)-1]
	}
}

// endOfTyped is what ends the input of a terminal after this byte: on a line that is not empty, the first one only hands
// over what was typed so far.
func endOfTyped(last byte) []byte {
	if last == '\n' || last == '\r' || last == endOfFile {
		return []byte{endOfFile}
	}
	return []byte{endOfFile, endOfFile}
}

func (i *input) finish(last bool) {
	switch {
	case !last:
	case i.terminal:
		_, _ = i.file.Write(endOfTyped(i.last))
	default:
		i.closed = true
		i.file.Close()
	}
}

// end is for a process that is dead: whoever still writes is let go.
func (i *input) end() {
	i.mu.Lock()
	i.dead = true
	_ = i.file.SetWriteDeadline(time.Unix(1, 0))
	i.mu.Unlock()
	if !i.terminal {
		i.file.Close()
	}
	i.turn <- struct{}{}
	i.closed = true
	<-i.turn
}

// resize changes the size of the terminal.
func (i *input) resize(rows, cols uint16) error {
	raw, err := i.file.SyscallConn()
	if err != nil {
		return fail("PROCESS_EXITED", "the process has ended")
	}
	var failed error
	if err := raw.Control(func(fd uintptr) {
		failed = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols})
	}); err != nil {
		return fail("PROCESS_EXITED", "the process has ended")
	}
	return failed
}
