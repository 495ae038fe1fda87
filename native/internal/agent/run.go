package agent

import (
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	defaultOutput = 1 << 20
	maxOutput     = 16 << 20
)

func itoa(number int) string { return strconv.Itoa(number) }

type runRequest struct {
	command
	OutputLimit int64 `json:"output_limit"`
}

type runReply struct {
	OK             bool  `json:"ok"`
	ExitCode       int   `json:"exit_code"`
	TimedOut       bool  `json:"timed_out"`
	OutOfMemory    bool  `json:"out_of_memory"`
	DurationMicros int64 `json:"duration_micros"`
	Pid            int   `json:"pid"`
	StdoutCut      bool  `json:"stdout_cut"`
	StderrCut      bool  `json:"stderr_cut"`
	Stdout         int   `json:"stdout"`
	Stderr         int   `json:"stderr"`
}

// collected is the beginning of one output stream.
type collected struct {
	mu     sync.Mutex
	data   []byte
	limit  int
	cut    bool
	closed bool
}

func (c *collected) add(data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	if room := c.limit - len(c.data); len(data) > room {
		data = data[:room]
		c.cut = true
	}
	c.data = append(c.data, data...)
}

// intake keeps what a stream holds, and lets it be told.
func (c *collected) intake(told *spoken) intake {
	if told == nil {
		return buffered(c.add)
	}
	return buffered(func(data []byte) {
		c.add(data)
		told.add(data)
	})
}

func (c *collected) take() ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return c.data, c.cut
}

// run answers when the command has ended. The host closing the connection kills it.
func (s *Server) run(c *call) error {
	var request runRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	limit := request.OutputLimit
	if limit < 0 || limit > maxOutput {
		return fail("INVALID_REQUEST", "output_limit has at most %d bytes", maxOutput)
	}
	if limit == 0 {
		limit = defaultOutput
	}
	input, err := c.body(request.Body)
	if err != nil {
		return err
	}
	ready, err := s.prepare(&request.command)
	if err != nil {
		return err
	}
	l, err := s.launch(ready, &request.command, len(input) > 0)
	if err != nil {
		return err
	}
	c.reach(createAfterCommandStart, publishAfterBuildStart)
	c.hangup(func() { l.children.kill(l.pid, true, unix.SIGKILL) })
	err = s.finishRun(c, l, s.begins(&request.command, l, false), input, int(limit))
	s.spares.answered(ready, &request.command)
	return err
}

func (s *Server) finishRun(c *call, l *live, told *doing, input []byte, limit int) error {
	outputs := [2]*collected{{limit: limit}, {limit: limit}}
	var pumps []*pump
	for i, source := range l.output {
		if source != nil {
			pumps = append(pumps, startPump(source, l.terminal, outputs[i].intake(told.stream(i))))
		}
	}
	if len(input) > 0 {
		go feed(l, input)
	}
	status := <-l.exit
	result := s.outcome(l, status)
	finishPumps(pumps)
	stdout, stdoutCut := outputs[0].take()
	stderr, stderrCut := outputs[1].take()
	c.reach(createAfterCommandEnd, publishAfterBuildEnd)
	err := c.reply(runReply{
		OK: true, ExitCode: result.exitCode, TimedOut: result.timedOut, OutOfMemory: result.outOfMemory,
		DurationMicros: max(1, result.ended.Sub(l.started).Microseconds()), Pid: l.pid,
		StdoutCut: stdoutCut, StderrCut: stderrCut, Stdout: len(stdout), Stderr: len(stderr),
	}, stdout, stderr)
	told.ends(l, result)
	c.reach(createAfterCommandAnswer, publishAfterBuildAnswer)
	return err
}

// feed writes all of the standard input, then ends it.
func feed(l *live, input []byte) {
	defer shield()
	_, _ = l.stdin.Write(input)
	if l.terminal {
		_, _ = l.stdin.Write(endOfTyped(input[len(input)-1]))
		return
	}
	l.stdin.Close()
}

var oomLock sync.Mutex

// sawOOMKill says whether the kernel killed a process of this sandbox for memory since the last look.
func (s *Server) sawOOMKill() bool {
	if s.oomKills.path == "" {
		return false
	}
	oomLock.Lock()
	defer oomLock.Unlock()
	count, ok := readOOMKills(s.oomKills.path)
	rose := ok && count > s.oomKills.last
	if ok {
		s.oomKills.last = count
	}
	return rose
}

func unixMillis(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}
