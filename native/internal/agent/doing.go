package agent

import (
	"bytes"
	"unicode/utf8"
)

// maxToldLine is how much of a line is told.
const maxToldLine = 4 << 10

// doing is what one command of a caller's does. One that is nobody's business has none: nil, which does nothing.
type doing struct {
	activity *activity
	about    note // what all its notes have
	streams  [2]*spoken
}

// begins makes what tells of a command that was started just now, and tells that.
//
// kept says whether the process is found by its number.
func (s *Server) begins(spec *command, l *live, kept bool) *doing {
	if !spec.Told {
		return nil
	}
	d := &doing{
		activity: s.activity,
		about:    note{Pid: l.pid, Kept: kept, StartedMs: unixMillis(l.started)},
	}
	if !l.terminal {
		for i, event := range []string{noteStdout, noteStderr} {
			d.streams[i] = &spoken{doing: d, event: event}
		}
	}
	if s.activity.isHeard() {
		n := d.about
		n.Event, n.Command = noteStarted, describe(spec)
		s.activity.tell(n)
	}
	return d
}

// stream is what tells the lines of an output stream; nil where they are not told.
func (d *doing) stream(i int) *spoken {
	if d == nil {
		return nil
	}
	return d.streams[i]
}

// ends tells how the command ended; all its output was taken.
func (d *doing) ends(l *live, result outcome) {
	if d == nil || !d.activity.isHeard() {
		return
	}
	for _, s := range d.streams {
		s.finish()
	}
	n := d.about
	n.Event, n.ExitCode, n.TimedOut = noteCompleted, result.exitCode, result.timedOut
	n.DurationMicros = max(1, result.ended.Sub(l.started).Microseconds())
	d.activity.tell(n)
}

// spoken cuts an output stream into lines. It is used by one at a time; nil takes everything and tells nothing.
type spoken struct {
	doing   *doing
	event   string
	partial []byte
	cut     bool
}

func (s *spoken) isHeard() bool { return s != nil && s.doing.activity.isHeard() }

// add takes what was written. More than there is room for is counted, not looked at.
func (s *spoken) add(data []byte) {
	if s == nil {
		return
	}
	if !s.isHeard() {
		s.partial, s.cut = nil, false
		return
	}
	room := s.doing.activity.room()
	for {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			s.hold(data)
			return
		}
		if room < noteCost {
			s.doing.activity.lose(bytes.Count(data, []byte{'\n'}))
			s.partial, s.cut = s.partial[:0], false
			s.hold(data[bytes.LastIndexByte(data, '\n')+1:])
			return
		}
		s.hold(data[:end])
		data = data[end+1:]
		room -= s.tell()
	}
}

// hold keeps the beginning of a line.
func (s *spoken) hold(data []byte) {
	if room := maxToldLine - len(s.partial); len(data) > room {
		data, s.cut = data[:room], true
	}
	s.partial = append(s.partial, data...)
}

// tell tells the line that is held, and answers what it costs.
func (s *spoken) tell() int {
	text := bytes.TrimSuffix(s.partial, []byte{'\r'})
	if s.cut {
		text = wholeCharacters(text)
	}
	n := s.doing.about
	n.Event, n.Line, n.Cut = s.event, string(text), s.cut
	s.partial, s.cut = s.partial[:0], false
	s.doing.activity.tell(n)
	return n.cost()
}

// finish tells a last line that has no end.
func (s *spoken) finish() {
	if s != nil && len(s.partial) > 0 {
		s.tell()
	}
}

// wholeCharacters leaves out a character at the end of which only the beginning is there.
func wholeCharacters(text []byte) []byte {
	for back := 1; back <= min(utf8.UTFMax-1, len(text)); back++ {
		if tail := text[len(text)-back:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return text[:len(text)-back]
			}
			break
		}
	}
	return text
}
