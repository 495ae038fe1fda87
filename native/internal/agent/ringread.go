package agent

import (
	"encoding/binary"
	"encoding/json"
	"time"
)

// take copies whole records from a reader's place on, at most len(into) bytes, which holds at least one.
// Without any it answers the channel that closes at the next change, and whether there will be none.
func (r *ring) take(f *reader, into []byte) (n int, changed <-chan struct{}, ended bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f.sequence < r.first {
		n = gapFrame(into, f.sequence, r.first-1)
		f.sequence, f.position = r.first, r.start
		return n, nil, false, nil
	}
	if f.sequence >= r.next {
		return 0, r.changed, r.closed, nil
	}
	if f.position < 0 {
		if err := r.locate(f); err != nil {
			return 0, nil, false, err
		}
	}
	size := min(int64(len(into)), r.end-f.position)
	if err := r.space.read(into[:size], f.position); err != nil {
		return 0, nil, false, err
	}
	whole, records := wholeFrames(into[:size])
	f.position += int64(whole)
	f.sequence += records
	f.moved = time.Now()
	if r.waiting > 0 {
		r.notify()
	}
	return whole, nil, false, nil
}

// locate finds the position of a reader's sequence number, which the ring holds.
func (r *ring) locate(f *reader) error {
	at := mark{sequence: r.first, position: r.start}
	for _, candidate := range r.marks {
		if candidate.sequence <= f.sequence && candidate.position >= r.start {
			at = candidate
		}
	}
	var head [4]byte
	for at.sequence < f.sequence {
		if err := r.space.read(head[:], at.position); err != nil {
			return err
		}
		at.position += 4 + int64(binary.BigEndian.Uint32(head[:]))
		at.sequence++
	}
	f.position = at.position
	return nil
}

func wholeFrames(data []byte) (size int, records uint64) {
	for len(data)-size >= 4 {
		next := size + 4 + int(binary.BigEndian.Uint32(data[size:]))
		if next > len(data) {
			break
		}
		size = next
		records++
	}
	return size, records
}

func gapFrame(into []byte, from, to uint64) int {
	payload, _ := json.Marshal(struct {
		From uint64 `json:"from"`
		To   uint64 `json:"to"`
	}{from, to})
	binary.BigEndian.PutUint32(into[0:], uint32(frameHead-4+len(payload)))
	into[4] = streamGap
	binary.BigEndian.PutUint64(into[5:], to)
	binary.BigEndian.PutUint64(into[13:], uint64(time.Now().UnixMicro()))
	return frameHead + copy(into[frameHead:], payload)
}

// newest copies at most limit bytes of the newest records, whole ones.
func (r *ring) newest(limit int64) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.start
	for _, candidate := range r.marks {
		if r.end-candidate.position >= limit {
			at = candidate.position
		}
	}
	data := make([]byte, r.end-at)
	err := r.space.read(data, at)
	return data, err
}
