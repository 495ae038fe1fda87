package agent

import (
	"errors"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const pumpSize = 64 << 10

// Idle streams hold no buffer: one is taken only while there is something to read.
var buffers = sync.Pool{New: func() any { return new([pumpSize]byte) }}

// pump moves what a process writes into sink. It is drained once everything that the process itself
// wrote was taken; afterwards it goes on, throwing away what its surviving children write, so that they
// do not die of a broken pipe.
type pump struct {
	source  *os.File
	drained chan struct{}
}

func startPump(source *os.File, sink func([]byte)) *pump {
	p := &pump{source: source, drained: make(chan struct{})}
	go p.work(sink)
	return p
}

// ended tells the pump that its process is dead: what is in the pipe now is all.
func (p *pump) ended() {
	_ = p.source.SetReadDeadline(time.Unix(1, 0))
}

func (p *pump) work(sink func([]byte)) {
	defer shield()
	defer p.source.Close()
	complete := p.until(sink)
	close(p.drained)
	if !complete {
		_ = p.source.SetReadDeadline(time.Time{})
		p.until(func([]byte) {})
	}
}

// until reads to the end of the stream (true), or until everything is read after ended (false).
func (p *pump) until(sink func([]byte)) bool {
	raw, err := p.source.SyscallConn()
	if err != nil {
		return true
	}
	for {
		finished := false
		err := raw.Read(func(fd uintptr) bool {
			var progress bool
			progress, finished = readOnce(int(fd), sink)
			return progress || finished
		})
		switch {
		case finished:
			return true
		case err == nil:
			continue
		case errors.Is(err, os.ErrDeadlineExceeded):
			return drain(raw, p.source, sink)
		default:
			return true
		}
	}
}

type controller interface {
	Control(func(fd uintptr)) error
}

func drain(raw controller, _ *os.File, sink func([]byte)) bool {
	finished := false
	_ = raw.Control(func(fd uintptr) {
		for {
			var progress bool
			if progress, finished = readOnce(int(fd), sink); finished || !progress {
				return
			}
		}
	})
	return finished
}

// readOnce hands one read to sink. A terminal whose last writer is gone answers EIO: that is its end.
func readOnce(fd int, sink func([]byte)) (progress, finished bool) {
	buffer := buffers.Get().(*[pumpSize]byte)
	defer buffers.Put(buffer)
	for {
		n, err := unix.Read(fd, buffer[:])
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return false, false
		case err != nil || n <= 0:
			return false, true
		}
		sink(buffer[:n])
		return true, false
	}
}
