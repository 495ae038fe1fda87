package agent

import (
	"errors"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	pumpSize = 128 << 10

	// A process whose output does not stop is let write for a moment before it is read again: into a large pipe,
	// so that it need not wait either. Else the two would wake each other for every few kilobytes.
	largePipe  = 1 << 20
	fastRead   = 4 << 10
	fastAgain  = 3 * time.Millisecond
	fastStreak = 16
	pace       = 500 * time.Microsecond
)

// Idle streams hold no buffer: one is taken only while there is something to read.
var buffers = sync.Pool{New: func() any { return new([pumpSize]byte) }}

// intake takes what a stream holds now, without waiting; finished says that no more will come.
type intake func(fd int) (taken int, finished bool)

// pump moves what a process writes to where it is kept. It is drained once everything that the process itself
// wrote was taken; afterwards it goes on, throwing away what its surviving children write, so that they
// do not die of a broken pipe.
type pump struct {
	source  *os.File
	drained chan struct{}
	last    time.Time
	streak  int // reads of much that came soon after one another
}

func startPump(source *os.File, take intake) *pump {
	p := &pump{source: source, drained: make(chan struct{})}
	go p.work(take)
	return p
}

// ended tells the pump that its process is dead: what is in the pipe now is all.
func (p *pump) ended() {
	_ = p.source.SetReadDeadline(time.Unix(1, 0))
}

func (p *pump) work(take intake) {
	defer shield()
	defer p.source.Close()
	complete := p.until(take)
	close(p.drained)
	if !complete {
		_ = p.source.SetReadDeadline(time.Time{})
		p.until(buffered(func([]byte) {}))
	}
}

// until reads to the end of the stream (true), or until everything is read after ended (false).
func (p *pump) until(take intake) bool {
	raw, err := p.source.SyscallConn()
	if err != nil {
		return true
	}
	for {
		finished, taken := false, 0
		err := raw.Read(func(fd uintptr) bool {
			taken, finished = take(int(fd))
			p.measure(int(fd), taken)
			return taken > 0 || finished
		})
		switch {
		case p.isFast() && taken > 0 && taken < pumpSize:
			time.Sleep(pace)
		case finished:
			return true
		case err == nil:
			continue
		case errors.Is(err, os.ErrDeadlineExceeded):
			return drain(raw, take)
		default:
			return true
		}
	}
}

// measure finds out whether the output does not stop.
func (p *pump) measure(fd, taken int) {
	if taken == 0 {
		return
	}
	now := time.Now()
	if taken < fastRead || now.Sub(p.last) > fastAgain {
		p.streak = 0
	} else if p.streak++; p.streak == fastStreak {
		_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, largePipe)
	}
	p.last = now
}

func (p *pump) isFast() bool { return p.streak >= fastStreak }

type controller interface {
	Control(func(fd uintptr)) error
}

func drain(raw controller, take intake) bool {
	finished := false
	_ = raw.Control(func(fd uintptr) {
		for taken := 1; taken > 0 && !finished; {
			taken, finished = take(int(fd))
		}
	})
	return finished
}

// buffered hands each read to sink.
func buffered(sink func([]byte)) intake {
	return func(fd int) (int, bool) { return readOnce(fd, sink) }
}

// readOnce hands one read to sink. A terminal whose last writer is gone answers EIO: that is its end.
func readOnce(fd int, sink func([]byte)) (taken int, finished bool) {
	buffer := buffers.Get().(*[pumpSize]byte)
	defer buffers.Put(buffer)
	for {
		n, err := unix.Read(fd, buffer[:])
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return 0, false
		case err != nil || n <= 0:
			return 0, true
		}
		sink(buffer[:n])
		return n, false
	}
}
