package agent

import (
	"encoding/binary"
	"sync"
	"time"
)

// Streams of a record, as in proto/streams.md.
const (
	streamStdout = 1
	streamStderr = 2
	streamExit   = 3
	streamGap    = 4

	frameHead = 4 + 1 + 8 + 8
	markEvery = 64 << 10
	stallTime = 5 * time.Second
)

// mark says where the record of a sequence number starts.
type mark struct {
	sequence uint64
	position int64
}

// ring holds the newest records of one process in the form that travels.
type ring struct {
	mu        sync.Mutex
	space     space
	start     int64
	end       int64
	first     uint64 // sequence of the record at start
	next      uint64
	marks     []mark
	changed   chan struct{}
	followers map[*reader]struct{}
	waiting   int // appenders that wait for followers
	// promised is when a follower was promised that has not come yet.
	promised time.Time
	closed   bool
	// abandoned is called when nobody has followed for a while; nil where that is nobody's business.
	abandoned func()
	alone     time.Time // since when nobody follows
}

// newRing makes an empty one; of that which is promised a follower nothing is dropped before he comes.
func newRing(promised bool) *ring {
	r := &ring{space: space{capacity: ringSize}, first: 1, next: 1, changed: make(chan struct{})}
	if promised {
		r.promised = time.Now()
	}
	return r
}

// reader is a place in a ring.
type reader struct {
	position int64 // -1 = to be found from the sequence
	sequence uint64
	moved    time.Time
}

func (r *ring) notify() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// append adds a record. It waits for followers that are reading, rather than drop what they want next,
// but not for one that stands still.
func (r *ring) append(stream byte, data []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	need := int64(frameHead + len(data))
	r.space.grow(r.end + need)
	r.makeRoom(need)
	if err := r.store(stream, data); err != nil {
		r.restart()
		_ = r.store(stream, data)
	}
	r.notify()
}

// makeRoom forgets the oldest records once no follower is to be waited for.
func (r *ring) makeRoom(need int64) {
	for r.end+need-r.start > r.space.capacity {
		if !r.waitForFollowers() {
			r.dropOldest()
		}
	}
}

func (r *ring) store(stream byte, data []byte) error {
	head := r.head(stream, len(data))
	if err := r.space.writeBoth(head[:], data, r.end); err != nil {
		return err
	}
	r.added(len(data))
	return nil
}

// head is what the next record begins with.
func (r *ring) head(stream byte, size int) (head [frameHead]byte) {
	binary.BigEndian.PutUint32(head[0:], uint32(frameHead-4+size))
	head[4] = stream
	binary.BigEndian.PutUint64(head[5:], r.next)
	binary.BigEndian.PutUint64(head[13:], uint64(time.Now().UnixMicro()))
	return head
}

// added counts the record that was written at the end.
func (r *ring) added(size int) {
	if len(r.marks) == 0 || r.end-r.marks[len(r.marks)-1].position >= markEvery {
		r.marks = append(r.marks, mark{sequence: r.next, position: r.end})
	}
	r.end += int64(frameHead + size)
	r.next++
}

// dropOldest forgets the records up to the second mark.
func (r *ring) dropOldest() {
	if len(r.marks) < 2 {
		r.start, r.first, r.marks = r.end, r.next, r.marks[:0]
		return
	}
	r.marks = append(r.marks[:0], r.marks[1:]...)
	r.start, r.first = r.marks[0].position, r.marks[0].sequence
}

// restart forgets everything and goes on in memory: the disk took no more.
func (r *ring) restart() {
	r.space.close()
	r.space = space{capacity: memoryFallback}
	r.start, r.end, r.first, r.marks = 0, 0, r.next, nil
	for f := range r.followers {
		f.position = -1
	}
}

// waitForFollowers blocks until somebody moved, or says that nobody deserves to be waited for.
func (r *ring) waitForFollowers() bool {
	if len(r.marks) < 2 {
		return false
	}
	limit := r.marks[1].position
	var patience time.Duration
	if !r.promised.IsZero() {
		patience = stallTime - time.Since(r.promised)
	}
	for f := range r.followers {
		if f.position >= 0 && f.position < limit {
			patience = max(patience, stallTime-time.Since(f.moved))
		}
	}
	if patience <= 0 {
		return false
	}
	changed := r.changed
	r.waiting++
	r.mu.Unlock()
	timer := time.NewTimer(patience)
	select {
	case <-changed:
	case <-timer.C:
	}
	timer.Stop()
	r.mu.Lock()
	r.waiting--
	return true
}

// finish adds the exit record: the last one.
func (r *ring) finish(payload []byte) {
	r.append(streamExit, payload)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.space.unmap()
	if r.space.file == nil {
		r.space.memory = append([]byte(nil), r.space.memory...)
	}
	r.notify()
}

// release gives up the room of all records; readers learn of a gap.
func (r *ring) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.space.close()
	r.start, r.first, r.marks = r.end, r.next, nil
	r.notify()
}

func (r *ring) last() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next - 1
}

func (r *ring) held() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.end - r.start
}

func (r *ring) follow(f *reader) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.followers == nil {
		r.followers = make(map[*reader]struct{})
	}
	f.moved = time.Now()
	r.followers[f] = struct{}{}
	r.promised = time.Time{}
}

func (r *ring) unfollow(f *reader) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.followers, f)
	r.notify()
	r.left()
}

// left looks a while after a follower went, or should have come, whether there is one: who reads on takes no longer.
func (r *ring) left() {
	if r.abandoned != nil && len(r.followers) == 0 {
		r.alone = time.Now()
		time.AfterFunc(stallTime, r.look)
	}
}

func (r *ring) look() {
	r.mu.Lock()
	over := len(r.followers) == 0 && !r.closed && time.Since(r.alone) >= stallTime
	r.mu.Unlock()
	if over {
		r.abandoned()
	}
}
