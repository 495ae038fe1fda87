package agent

import "golang.org/x/sys/unix"

// intake keeps a stream as records. What does not fit in memory goes from the stream to the ring's file without a
// buffer between: pages of a file that are mapped already cost their copying, a write costs the file system's
// work for each page, each time the ring comes round. What somebody hears goes through one, for that time.
func (r *ring) intake(stream byte, told *spoken) intake {
	byHand := buffered(func(data []byte) {
		r.append(stream, data)
		told.add(data)
	})
	return func(fd int) (int, bool) {
		if !told.isHeard() {
			if taken := r.fill(stream, fd); taken > 0 {
				return taken, false
			}
		}
		return byHand(fd)
	}
}

// fill reads one record into the mapped file. Where it answers 0 it has taken nothing, and somebody else finds out why.
func (r *ring) fill(stream byte, fd int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.space.mapped == nil {
		return 0
	}
	there, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
	if err != nil || there <= 0 {
		return 0
	}
	size := min(there, pumpSize)
	r.makeRoom(int64(frameHead + size))
	if r.closed || r.space.mapped == nil { // it has waited meanwhile
		return 0
	}
	taken := 0
	err = spilling(func() (n int, err error) {
		taken, err = unix.Readv(fd, r.space.room(r.end+frameHead, size))
		return taken, err
	})
	if err != nil || taken <= 0 {
		return 0
	}
	head := r.head(stream, taken)
	if r.space.write(head[:], r.end) == nil {
		r.added(taken)
	} else {
		r.rescue(stream, taken)
	}
	r.notify()
	return taken
}

// rescue keeps a record whose beginning the disk did not take.
func (r *ring) rescue(stream byte, size int) {
	var data []byte
	for _, part := range r.space.room(r.end+frameHead, size) {
		data = append(data, part...)
	}
	r.restart()
	_ = r.store(stream, data)
}
