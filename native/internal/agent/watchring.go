package agent

import "encoding/json"

const (
	// As many as the kernel holds back for a slow reader.
	maxRingChanges = 16384
	maxRingBytes   = 2 << 20
	// maxChangeLine is what the host takes as one line at most.
	maxChangeLine = 60 << 10
)

// watchRing is the last changes of a watcher, each a line.
type watchRing struct {
	lines [][]byte
	bytes int
	// last is the number of the last line; the first one ever has 1.
	last uint64
}

func (r *watchRing) add(line []byte) {
	r.last++
	r.lines = append(r.lines, line)
	r.bytes += len(line)
	for len(r.lines) > maxRingChanges || r.bytes > maxRingBytes {
		r.bytes -= len(r.lines[0])
		r.lines[0] = nil
		r.lines = r.lines[1:]
	}
}

// holds says whether all that came after this number is here.
func (r *watchRing) holds(sequence uint64) bool {
	return sequence <= r.last && r.last-sequence <= uint64(len(r.lines))
}

// after answers lines that follow a place, whole ones of about so many bytes, and moves the place behind them.
func (r *watchRing) after(place *watchPlace, limit int) []byte {
	var some []byte
	for _, next := range r.lines[len(r.lines)-int(r.last-place.position):] {
		if len(some) > 0 && len(some)+len(next) > limit {
			break
		}
		some = append(some, next...)
		place.position++
	}
	return some
}

func (w *watcher) emit(event change) {
	event.ID = w.cursor(w.ring.last + 1).text()
	text := line(event)
	if len(text) > maxChangeLine {
		text = line(change{Event: "overflow", ID: event.ID})
	}
	w.ring.add(text)
}

func (w *watcher) lost() {
	w.emit(change{Event: "overflow"})
}

func line(event change) []byte {
	text, err := json.Marshal(event)
	if err != nil {
		return nil
	}
	return append(text, '\n')
}
