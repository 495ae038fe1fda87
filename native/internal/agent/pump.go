package agent

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
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

	// What the children of a dead process still write belongs to it, when it comes at once: until nothing came for
	// quietEnd, and for longestEnd at most.
	quietEnd   = 100 * time.Millisecond
	longestEnd = time.Second
)

// Idle streams hold no buffer: one is taken only while there is something to read.
var buffers = sync.Pool{New: func() any { return new([pumpSize]byte) }}

// intake takes what a stream holds now, without waiting; finished says that no more will come.
type intake func(fd int) (taken int, finished bool)

// pump moves what a process writes to where it is kept. It is drained once everything that the process itself
// wrote was taken, and what its children write right after its end; afterwards it goes on, throwing away what
// those that survive write, so that they do not die of a broken pipe.
type pump struct {
	source  *os.File
	drained chan struct{}
	ending  atomic.Pointer[ending]
	// reopens says that the source is a terminal whose program still runs: it may have let go of it, which looks like
	// the end, and come back to it. To close it meanwhile would hang up on the program.
	reopens atomic.Bool
	last    time.Time
	streak  int // reads of much that came soon after one another
}

// ending is the time after the end of a process, which its streams have together: one that is silent waits for what
// comes by another.
type ending struct {
	over  time.Time
	last  atomic.Int64 // when something came, in nanoseconds since began
	began time.Time
}

func newEnding() *ending {
	now := time.Now()
	return &ending{began: now, over: now.Add(longestEnd)}
}

func (e *ending) came(at time.Time) { e.last.Store(int64(at.Sub(e.began))) }

func (e *ending) isOver() bool { return time.Now().After(e.over) }

// next is until when it is worth to wait.
func (e *ending) next() time.Time {
	quiet := e.began.Add(time.Duration(e.last.Load()) + quietEnd)
	if quiet.After(e.over) {
		return e.over
	}
	return quiet
}

func startPump(source *os.File, terminal bool, take intake) *pump {
	p := &pump{source: source, drained: make(chan struct{})}
	p.reopens.Store(terminal)
	go p.work(take)
	return p
}

// finishPumps is for those of a process that is dead. Streams that nobody else has open are at their end with it.
func finishPumps(pumps []*pump) {
	end := newEnding()
	for _, p := range pumps {
		p.ended(end)
	}
	for _, p := range pumps {
		<-p.drained
	}
}

func (p *pump) ended(end *ending) {
	p.ending.Store(end)
	p.reopens.Store(false)
	_ = p.source.SetReadDeadline(time.Unix(1, 0))
}

func (p *pump) work(take intake) {
	defer shield()
	defer p.source.Close()
	complete := p.until(take)
	close(p.drained)
	if !complete {
		p.ending.Store(nil)
		_ = p.source.SetReadDeadline(time.Time{})
		p.until(buffered(func([]byte) {}))
	}
}

// until reads to the end of the stream (true), or until the time after the end of its process is over (false).
func (p *pump) until(take intake) bool {
	raw, err := p.source.SyscallConn()
	if err != nil {
		return true
	}
	for {
		finished, taken := false, 0
		err := raw.Read(func(fd uintptr) bool {
			taken, finished = take(int(fd))
			finished = finished && !p.reopens.Load()
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
			if p.drain(raw, take) {
				return true
			}
			if !p.waits() {
				return false
			}
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
	if end := p.ending.Load(); end != nil {
		end.came(now)
	}
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

// drain takes all that is there: whoever goes on writing is not followed beyond the time after the end.
func (p *pump) drain(raw controller, take intake) bool {
	finished := false
	end := p.ending.Load()
	_ = raw.Control(func(fd uintptr) {
		// That much the process itself may have written, however long it takes to keep it.
		there, _ := unix.IoctlGetInt(int(fd), unix.TIOCINQ)
		for taken := 1; taken > 0 && !finished && (there > 0 || !end.isOver()); {
			taken, finished = take(int(fd))
			there -= taken
			if taken > 0 {
				end.came(time.Now())
			}
		}
	})
	return finished
}

// waits says whether more may come, and lets the next read wait for that.
func (p *pump) waits() bool {
	next := p.ending.Load().next()
	if !time.Now().Before(next) {
		return false
	}
	_ = p.source.SetReadDeadline(next)
	return true
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
