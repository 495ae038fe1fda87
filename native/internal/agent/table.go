package agent

import (
	"encoding/json"
	"sort"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	keptExited      = 256
	keptExitedBytes = 128 << 20
	deathTime       = time.Second
	heedTime        = 2 * time.Second
)

// entry is one started process, running or ended.
type entry struct {
	live    *live
	ring    *ring
	name    string
	command string
	input   *input        // nil when the host cannot write to it
	over    chan struct{} // closed once it is shown as ended

	mu       sync.Mutex
	ended    bool
	stopping bool // whoever started it wants it to end
	result   outcome
}

// table holds the processes that were started to outlive their call; the last ended ones stay.
type table struct {
	mu     sync.Mutex
	byPid  map[int]*entry
	exited []*entry // oldest first
}

func newTable() *table {
	return &table{byPid: make(map[int]*entry)}
}

func (t *table) add(e *entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if old := t.byPid[e.live.pid]; old != nil {
		t.forget(old)
	}
	t.byPid[e.live.pid] = e
}

// forget drops an ended process whose number is in use again, or that is too old.
func (t *table) forget(e *entry) {
	for i, candidate := range t.exited {
		if candidate == e {
			t.exited = append(t.exited[:i], t.exited[i+1:]...)
			break
		}
	}
	if t.byPid[e.live.pid] == e {
		delete(t.byPid, e.live.pid)
	}
	e.ring.release()
}

func (t *table) retire(e *entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byPid[e.live.pid] != e {
		return
	}
	t.exited = append(t.exited, e)
	for len(t.exited) > keptExited {
		t.forget(t.exited[0])
	}
	total := int64(0)
	for i := len(t.exited) - 1; i >= 0; i-- {
		if total += t.exited[i].ring.held(); total > keptExitedBytes {
			t.exited[i].ring.release()
		}
	}
}

func (t *table) find(pid int) (*entry, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.byPid[pid]; e != nil {
		return e, nil
	}
	return nil, fail("PROCESS_NOT_FOUND", "no process with this id was started here")
}

func (t *table) all() []*entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	entries := make([]*entry, 0, len(t.byPid))
	for _, e := range t.byPid {
		entries = append(entries, e)
	}
	sort.Slice(entries, func(i, j int) bool {
		return entries[i].live.started.Before(entries[j].live.started)
	})
	return entries
}

func (t *table) running() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.byPid) - len(t.exited)
}

// processView is a process as the protocol shows it.
type processView struct {
	Pid         int    `json:"pid"`
	Name        string `json:"name"`
	Command     string `json:"command"`
	Running     bool   `json:"running"`
	ExitCode    int    `json:"exit_code"`
	TimedOut    bool   `json:"timed_out"`
	OutOfMemory bool   `json:"out_of_memory"`
	Stopped     bool   `json:"stopped"`
	StartedMs   int64  `json:"started_unix_ms"`
	EndedMs     int64  `json:"ended_unix_ms"`
	Last        uint64 `json:"last_sequence"`
}

func (e *entry) view() processView {
	last := e.ring.last()
	e.mu.Lock()
	defer e.mu.Unlock()
	return processView{
		Pid: e.live.pid, Name: e.name, Command: e.command, Running: !e.ended,
		ExitCode: e.result.exitCode, TimedOut: e.result.timedOut, OutOfMemory: e.result.outOfMemory,
		Stopped:   e.ended && e.stopping && !e.result.timedOut,
		StartedMs: unixMillis(e.live.started), EndedMs: unixMillis(e.result.ended), Last: last,
	}
}

// attend collects the output of a process until it ends.
func (s *Server) attend(e *entry, told *doing) {
	defer shield()
	var pumps []*pump
	for i, source := range e.live.output {
		if source == nil {
			continue
		}
		pumps = append(pumps, startPump(source, e.live.terminal, e.ring.intake(byte(streamStdout+i), told.stream(i))))
	}
	status := <-e.live.exit
	result := s.outcome(e.live, status)
	finishPumps(pumps)
	e.mu.Lock()
	e.ended, e.result = true, result
	e.mu.Unlock()
	close(e.over)
	payload, _ := json.Marshal(struct {
		ExitCode    int  `json:"exit_code"`
		Signal      int  `json:"signal"`
		TimedOut    bool `json:"timed_out"`
		OutOfMemory bool `json:"out_of_memory"`
	}{result.exitCode, result.signal, result.timedOut, result.outOfMemory})
	e.ring.finish(payload)
	if e.input != nil {
		e.input.end()
	}
	s.table.retire(e)
	told.ends(e.live, result)
}

func (e *entry) signal(number int, group bool, killAfter time.Duration) error {
	if !e.live.children.kill(e.live.pid, group, unix.Signal(number)) {
		return fail("PROCESS_EXITED", "the process has ended")
	}
	if killAfter > 0 {
		time.AfterFunc(killAfter, func() { e.live.children.kill(e.live.pid, true, unix.SIGKILL) })
	}
	if number == int(unix.SIGKILL) {
		e.awaitDeath()
	}
	return nil
}

// stop signals a process so that it ends, and it is shown as stopped once it has.
func (e *entry) stop(number int, group bool, killAfter time.Duration) error {
	before := e.setStopping(true) // first: it may have ended when the signal is sent
	err := e.signal(number, group, killAfter)
	if err != nil {
		e.setStopping(before)
	}
	return err
}

func (e *entry) setStopping(now bool) (before bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	before, e.stopping = e.stopping, now
	return before
}

// abandon tells a process that its line is cut, and ends what does not heed that.
func (e *entry) abandon() {
	_ = e.signal(int(unix.SIGHUP), true, heedTime)
}

// awaitDeath lets whoever killed a process find it ended, unless the kernel still holds it, or what it wrote is
// still being read.
func (e *entry) awaitDeath() {
	patience := time.NewTimer(deathTime)
	defer patience.Stop()
	select {
	case <-e.over:
	case <-patience.C:
	}
}
