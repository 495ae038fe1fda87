package agent

import (
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	maxProcessName = 128
	maxDescription = 512
	maxProcessList = 5000
	maxTail        = 1 << 20
	recordBuffer   = 256 << 10
)

type startRequest struct {
	command
	Name   string `json:"name"`
	Follow bool   `json:"follow"` // the records follow on this connection
	// HasReader says that somebody asks for the records next: they wait for him.
	HasReader bool `json:"has_reader"`
	// EndsWithReader says that it ends once nobody follows its records.
	EndsWithReader bool `json:"ends_with_reader"`
}

type processReply struct {
	OK      bool        `json:"ok"`
	Process processView `json:"process"`
}

// start leaves a command running.
func (s *Server) start(c *call) error {
	var request startRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if len(request.Name) > maxProcessName {
		return fail("INVALID_REQUEST", "a process name has at most %d bytes", maxProcessName)
	}
	stdin, err := c.body(request.Body)
	if err != nil {
		return err
	}
	ready, err := s.prepare(&request.command)
	if err != nil {
		return err
	}
	c.reach(publishBeforeStart)
	keep := request.KeepStdin || request.Terminal
	l, err := s.launch(ready, &request.command, keep || len(stdin) > 0)
	if err != nil {
		return err
	}
	e := &entry{
		live: l, ring: newRing(request.Follow || request.HasReader), name: request.Name, command: describe(&request.command),
		over: make(chan struct{}),
	}
	switch {
	case keep:
		e.input = newInput(l.stdin, l.terminal)
		if len(stdin) > 0 {
			e.input.begin(stdin)
		}
	case len(stdin) > 0:
		go feed(l, stdin)
	}
	if request.EndsWithReader {
		e.ring.abandoned = e.abandon
		e.ring.left()
	}
	s.table.add(e)
	go s.attend(e, s.begins(&request.command, l, true))
	c.reach(publishAfterStart)
	err = c.reply(processReply{OK: true, Process: e.view()})
	c.reach(publishAfterStartAnswer)
	s.spares.answered(ready, &request.command)
	if err != nil || !request.Follow {
		return err
	}
	return stream(c, e.ring, 0, true)
}

func describe(spec *command) string {
	text := spec.Shell
	if text == "" {
		text = strings.Join(spec.Words, " ")
	}
	text = bounded(text, maxDescription)
	for !utf8.ValidString(text) && len(text) > 0 {
		text = text[:len(text)-1]
	}
	return text
}

type processRequest struct {
	Pid int `json:"pid"`
}

func (s *Server) process(c *call) error {
	var request processRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	e, err := s.table.find(request.Pid)
	if err != nil {
		return err
	}
	return c.reply(processReply{OK: true, Process: e.view()})
}

type processesReply struct {
	OK        bool          `json:"ok"`
	Processes []processView `json:"processes"`
}

func (s *Server) processes(c *call) error {
	views := []processView{}
	entries := s.table.all()
	for _, e := range entries[max(0, len(entries)-maxProcessList):] {
		views = append(views, e.view())
	}
	return c.reply(processesReply{OK: true, Processes: views})
}

type recordsRequest struct {
	Pid    int    `json:"pid"`
	After  uint64 `json:"after_sequence"`
	Follow bool   `json:"follow"`
}

// records sends the output of a process from a cursor on.
func (s *Server) records(c *call) error {
	var request recordsRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	e, err := s.table.find(request.Pid)
	if err != nil {
		return err
	}
	if err := c.reply(okay{OK: true}); err != nil {
		return err
	}
	return stream(c, e.ring, request.After, request.Follow)
}

// stream writes record frames until the process has ended, the last one written is sent, or the host
// went away.
func stream(c *call, r *ring, after uint64, follow bool) error {
	gone := make(chan struct{})
	c.hangup(func() { close(gone) })
	c.widen()
	place := &reader{position: -1, sequence: after + 1}
	last := r.last()
	if follow {
		r.follow(place)
		defer r.unfollow(place)
	}
	for follow || place.sequence <= last {
		changed, ended, err := send(c, r, place)
		if err != nil {
			return err
		}
		if changed == nil && !ended {
			continue
		}
		if ended || !follow {
			return nil
		}
		select {
		case <-changed:
		case <-gone:
			return errHangup
		}
	}
	return nil
}

// Nothing is held while a process is silent, or while its follower waits for more.
var recordBuffers = sync.Pool{New: func() any { return new([recordBuffer]byte) }}

// send writes the next records from a place on; without any it answers as take does.
func send(c *call, r *ring, place *reader) (changed <-chan struct{}, ended bool, err error) {
	buffer := recordBuffers.Get().(*[recordBuffer]byte)
	defer recordBuffers.Put(buffer)
	n, changed, ended, err := r.take(place, buffer[:])
	if err != nil || n == 0 {
		return changed, ended, err
	}
	if _, err := c.conn.Write(buffer[:n]); err != nil {
		return nil, false, errHangup
	}
	return nil, false, nil
}

type tailRequest struct {
	Pid   int `json:"pid"`
	Lines int `json:"lines"`
}

type tailReply struct {
	OK     bool `json:"ok"`
	Output int  `json:"output"`
	Stdout int  `json:"stdout"`
	Stderr int  `json:"stderr"`
}

type inputRequest struct {
	Pid   int   `json:"pid"`
	Close bool  `json:"close"`
	Body  int64 `json:"body"`
}

func (s *Server) input(c *call) error {
	var request inputRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	data, err := c.body(request.Body)
	if err != nil {
		return err
	}
	e, err := s.table.find(request.Pid)
	if err != nil {
		return err
	}
	if e.input == nil {
		return fail("INPUT_CLOSED", "the standard input of the process was not kept open")
	}
	if err := e.input.send(data, request.Close); err != nil {
		return err
	}
	return c.reply(okay{OK: true})
}

type signalRequest struct {
	Pid         int   `json:"pid"`
	Signal      int   `json:"signal"`
	Group       bool  `json:"group"`
	KillAfterMs int64 `json:"kill_after_ms"`
	Stops       bool  `json:"stops"`
}

func (s *Server) signal(c *call) error {
	var request signalRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if request.Signal < 1 || request.Signal > 64 {
		return fail("INVALID_REQUEST", "a signal is a number from 1 to 64")
	}
	if request.KillAfterMs < 0 || request.KillAfterMs > time.Hour.Milliseconds() {
		return fail("INVALID_REQUEST", "kill_after_ms is at most an hour")
	}
	e, err := s.table.find(request.Pid)
	if err != nil {
		return err
	}
	c.reach(deleteBeforeSignal)
	send := e.signal
	if request.Stops {
		send = e.stop
	}
	if err := send(request.Signal, request.Group, time.Duration(request.KillAfterMs)*time.Millisecond); err != nil {
		return err
	}
	c.reach(deleteAfterSignal)
	err = c.reply(okay{OK: true})
	c.reach(deleteAfterSignalAnswer)
	return err
}

type resizeRequest struct {
	Pid  int    `json:"pid"`
	Rows uint16 `json:"rows"`
	Cols uint16 `json:"cols"`
}

func (s *Server) resize(c *call) error {
	var request resizeRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	e, err := s.table.find(request.Pid)
	if err != nil {
		return err
	}
	if err := e.resize(request.Rows, request.Cols); err != nil {
		return err
	}
	return c.reply(okay{OK: true})
}

func (e *entry) resize(rows, cols uint16) error {
	if !e.live.terminal {
		return fail("NO_TERMINAL", "the process has no terminal")
	}
	if rows == 0 || cols == 0 {
		return fail("INVALID_REQUEST", "a terminal has at least one row and one column")
	}
	return e.input.resize(rows, cols)
}
