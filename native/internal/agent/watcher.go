package agent

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	watchMask = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MODIFY | unix.IN_CLOSE_WRITE | unix.IN_MOVED_FROM |
		unix.IN_MOVED_TO | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR | unix.IN_DONT_FOLLOW |
		unix.IN_EXCL_UNLINK
	maxWatches = 8192
	pairTime   = 20 * time.Millisecond
	quietTime  = 200 * time.Millisecond
	eventHead  = unix.SizeofInotifyEvent
	eventBytes = 16 << 10
	// mostBatches bounds what a new listener waits for: changes before him are not his.
	mostBatches = 64
)

var eventBuffers = sync.Pool{New: func() any { return new([eventBytes]byte) }}

// watcher turns what the kernel tells of a directory into numbered changes, which its listeners take.
type watcher struct {
	key        watchKey
	generation string
	file       *os.File
	// size is how many directories it watches.
	size  atomic.Int64
	ended chan struct{}

	// Of the one who keeps the watchers: how many listen, and since which turn nobody does (0: somebody does).
	listeners int
	keptSince uint64

	mu      sync.Mutex
	fd      int
	closed  bool
	broken  bool
	folders map[int]string
	// fences are the directories on the way to the root, with the name that follows in each.
	fences     map[int]string
	rooted     bool
	rootNumber int
	written    map[string]time.Time
	moved      *movedFrom
	ring       watchRing
	// changed is closed at the next change.
	changed chan struct{}
}

// movedFrom waits for the other half of a rename.
type movedFrom struct {
	cookie uint32
	path   string
	isDir  bool
	until  time.Time
}

func newWatcher(key watchKey) (*watcher, error) {
	if err := refuseKernelFiles(key.path); err != nil {
		return nil, err
	}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fail("WATCH_LIMIT", "no more directories can be watched: %v", err)
	}
	var random [generationLength / 2]byte
	_, _ = rand.Read(random[:])
	w := &watcher{
		key: key, generation: hex.EncodeToString(random[:]), fd: fd, file: os.NewFile(uintptr(fd), "inotify"),
		ended: make(chan struct{}), changed: make(chan struct{}),
		folders: map[int]string{}, fences: map[int]string{}, written: map[string]time.Time{},
	}
	if _, err := lengthy(func() (okay, error) { return okay{}, w.begin() }); err != nil {
		w.file.Close()
		return nil, err
	}
	return w, nil
}

func (w *watcher) cursor(sequence uint64) watchCursor {
	return watchCursor{generation: w.generation, sequence: sequence}
}

// run reads what the kernel tells, until the watcher is closed.
func (w *watcher) run(done func()) {
	defer done()
	defer close(w.ended)
	defer shield()
	raw, err := w.file.SyscallConn()
	if err != nil {
		return
	}
	for w.arm() {
		err := raw.Read(func(uintptr) bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.closed || w.drain()
		})
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			w.giveUpPair()
		case err != nil:
			return
		}
		// Whoever listens takes his part before there is more.
		runtime.Gosched()
	}
}

// arm sets until when the next read waits; false when there is nothing to read any more.
func (w *watcher) arm() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.broken {
		return false
	}
	deadline := time.Time{}
	if w.moved != nil {
		deadline = w.moved.until
	}
	_ = w.file.SetReadDeadline(deadline)
	return true
}

func (w *watcher) giveUpPair() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	// It may be here already, when we come late ourselves.
	w.drain()
	if w.moved != nil && !time.Now().Before(w.moved.until) {
		w.settle()
		w.wake()
	}
}

// drain takes what the kernel has ready; false when that is nothing.
func (w *watcher) drain() bool {
	buffer := eventBuffers.Get().(*[eventBytes]byte)
	defer eventBuffers.Put(buffer)
	n, err := unix.Read(w.fd, buffer[:])
	if err == unix.EAGAIN || err == unix.EINTR {
		return false
	}
	if err != nil || n <= 0 {
		w.broken = true
		return true
	}
	w.batch(buffer[:n])
	w.size.Store(int64(len(w.folders) + len(w.fences)))
	w.wake()
	return true
}

// wake tells those who wait that there may be more.
func (w *watcher) wake() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// close may be called by anyone, with nothing of the watcher held, and more than once.
func (w *watcher) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	// From here on nobody uses the descriptor but by the file.
	w.file.Close()
}

// watchPlace is how far a listener has come.
type watchPlace struct {
	position uint64
	lost     bool
}

// enter finds where a listener begins: after his cursor when that is known, otherwise now.
func (w *watcher) enter(after *watchCursor) (watchPlace, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.broken {
		return watchPlace{}, errWatchEnded
	}
	for count := 0; count < mostBatches && w.drain(); count++ {
	}
	if w.moved != nil {
		_ = w.file.SetReadDeadline(w.moved.until)
	}
	if after != nil && after.generation == w.generation && w.ring.holds(after.sequence) {
		return watchPlace{position: after.sequence}, nil
	}
	if !w.rooted {
		return watchPlace{}, unix.ENOENT
	}
	return watchPlace{position: w.ring.last, lost: after != nil}, nil
}

// take answers the next lines after a place, or what is closed when there are any.
func (w *watcher) take(place *watchPlace) ([]byte, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ring.holds(place.position) {
		place.position = w.ring.last
		return line(change{Event: "overflow", ID: w.cursor(w.ring.last).text()}), nil
	}
	lines := w.ring.after(place, sentAtOnce)
	return lines, w.changed
}
