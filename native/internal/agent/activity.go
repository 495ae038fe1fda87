package agent

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxHearers = 16
	// heldBytes is how much of lines waits for one hearer; of what else is told, as much again. Beyond that it is lost.
	heldBytes = 256 << 10
	// toldBytes is how much of lines a hearer is told in a second at most: whoever writes more must not wait for it.
	toldBytes = 1 << 20
	// noteCost is what a note needs besides its text.
	noteCost = 64
)

// Kinds of notes.
const (
	noteStarted   = "started"
	noteStdout    = "stdout"
	noteStderr    = "stderr"
	noteCompleted = "completed"
	noteDropped   = "dropped"
)

// note is one line of an activity.
type note struct {
	Event string `json:"event"`
	Pid   int    `json:"pid,omitempty"`
	// Kept says that the process is found by its number.
	Kept           bool   `json:"kept,omitempty"`
	StartedMs      int64  `json:"started_unix_ms,omitempty"`
	Command        string `json:"command,omitempty"`
	Line           string `json:"line,omitempty"`
	Cut            bool   `json:"cut,omitempty"`
	ExitCode       int    `json:"exit_code,omitempty"`
	TimedOut       bool   `json:"timed_out,omitempty"`
	DurationMicros int64  `json:"duration_micros,omitempty"`
	Lost           int    `json:"lost,omitempty"`
}

func (n *note) isLine() bool { return n.Event == noteStdout || n.Event == noteStderr }

func (n *note) cost() int { return noteCost + len(n.Line) + len(n.Command) }

// activity is what callers' commands do, for those who hear it at this moment. Nothing is kept for whoever comes later,
// and nothing is done where nobody hears.
type activity struct {
	mu      sync.Mutex
	hearers atomic.Pointer[[]*hearer] // nil when there is none; never changed in place
}

func (a *activity) all() []*hearer {
	if all := a.hearers.Load(); all != nil {
		return *all
	}
	return nil
}

// isHeard says whether anybody hears it now.
func (a *activity) isHeard() bool { return a.hearers.Load() != nil }

func (a *activity) tell(n note) {
	for _, h := range a.all() {
		h.put(n)
	}
}

// lose counts lines that nobody has room for.
func (a *activity) lose(lines int) {
	for _, h := range a.all() {
		h.lose(lines)
	}
}

// room is for how many bytes of lines somebody has room now.
func (a *activity) room() int {
	room, now := 0, time.Now()
	for _, h := range a.all() {
		room = max(room, h.room(now))
	}
	return room
}

func (a *activity) join() (*hearer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.all()
	if len(all) >= maxHearers {
		return nil, fail("BUSY", "at most %d hear what commands do", maxHearers)
	}
	h := &hearer{allowed: heldBytes, since: time.Now(), wake: make(chan struct{}, 1), over: make(chan struct{})}
	more := append(append([]*hearer(nil), all...), h)
	a.hearers.Store(&more)
	return h, nil
}

func (a *activity) leave(gone *hearer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var others []*hearer
	for _, h := range a.all() {
		if h != gone {
			others = append(others, h)
		}
	}
	if others == nil {
		a.hearers.Store(nil)
		return
	}
	a.hearers.Store(&others)
}

// end sends everybody away: where a machine goes on from its memory, they are on the other side of what is no more.
func (a *activity) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, h := range a.all() {
		close(h.over)
	}
	a.hearers.Store(nil)
}

// hearer is one who hears. What he does not take in time he loses, and is told how much that was.
type hearer struct {
	wake chan struct{} // holds one when there may be something
	over chan struct{} // closed when he is sent away

	mu      sync.Mutex
	notes   []note
	held    int
	lost    int
	allowed int // bytes of lines, as of since
	since   time.Time
}

func (h *hearer) room(now time.Time) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if gone := now.Sub(h.since); gone > 0 {
		more := int64(heldBytes)
		if gone < time.Second {
			more = int64(toldBytes) * int64(gone) / int64(time.Second)
		}
		if more > 0 {
			h.allowed, h.since = min(heldBytes, h.allowed+int(more)), now
		}
	}
	return min(h.allowed, heldBytes-h.held)
}

func (h *hearer) put(n note) {
	h.mu.Lock()
	defer h.mu.Unlock()
	cost := n.cost()
	if n.isLine() {
		if cost > h.allowed || h.held+cost > heldBytes {
			h.lost++
			return
		}
		h.allowed -= cost
	} else if h.held+cost > 2*heldBytes {
		h.lost++
		return
	}
	h.mark()
	h.notes = append(h.notes, n)
	h.held += cost
	h.stir()
}

func (h *hearer) lose(lines int) {
	if lines == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost += lines
	h.stir()
}

// mark tells of what was lost, in its place.
func (h *hearer) mark() {
	if h.lost > 0 {
		h.notes = append(h.notes, note{Event: noteDropped, Lost: h.lost})
		h.held += noteCost
		h.lost = 0
	}
}

func (h *hearer) stir() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *hearer) take() []note {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mark()
	notes := h.notes
	h.notes, h.held = nil, 0
	return notes
}

// hear sends what callers' commands do from now on, one JSON object a line, until the host goes away.
func (s *Server) hear(c *call) error {
	c.header = nil
	h, err := s.activity.join()
	if err != nil {
		return err
	}
	defer s.activity.leave(h)
	if err := c.reply(okay{OK: true}); err != nil {
		return err
	}
	gone := make(chan struct{})
	c.hangup(func() { close(gone) })
	for {
		select {
		case <-h.wake:
		case <-h.over:
			return errHangup
		case <-gone:
			return errHangup
		}
		if err := c.sendNotes(h.take()); err != nil {
			return err
		}
	}
}

func (c *call) sendNotes(notes []note) error {
	var lines []byte
	for i, n := range notes {
		text, err := json.Marshal(n)
		if err != nil {
			return err
		}
		lines = append(append(lines, text...), '\n')
		if len(lines) < sentAtOnce && i < len(notes)-1 {
			continue
		}
		if _, err := c.conn.Write(lines); err != nil {
			return errHangup
		}
		lines = lines[:0]
	}
	return nil
}
