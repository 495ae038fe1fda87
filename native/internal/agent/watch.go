package agent

import (
	"strconv"
	"strings"
)

const (
	generationLength = 16
	longestSequence  = 18
	// sentAtOnce is what a listener is sent in one go.
	sentAtOnce = 64 << 10
)

type watchRequest struct {
	Path      string `json:"path"`
	Recursive bool   `json:"recursive"`
	// Attributes asks for changes of owners, modes and times too, and that a new file that has content was written.
	Attributes bool `json:"attributes"`
	// After is the cursor of the last change that the host has; empty: it wants those from now on.
	After string `json:"after"`
}

type watchReply struct {
	OK bool `json:"ok"`
	// Cursor is that of the last change before the first line.
	Cursor string `json:"cursor"`
	// Lost says that what changed after the cursor of the request is not known any more.
	Lost bool `json:"lost"`
}

// change is one line of a watch.
type change struct {
	Event   string `json:"event"`
	Path    string `json:"path,omitempty"`
	OldPath string `json:"old_path,omitempty"`
	IsDir   bool   `json:"is_dir"`
	ID      string `json:"id"`
}

// watchCursor names a change: no two watchers have the same generation.
type watchCursor struct {
	generation string
	sequence   uint64
}

func (c watchCursor) text() string {
	return c.generation + ":" + strconv.FormatUint(c.sequence, 10)
}

// parseWatchCursor answers nil for no cursor.
func parseWatchCursor(text string) (*watchCursor, error) {
	if text == "" {
		return nil, nil
	}
	generation, number, _ := strings.Cut(text, ":")
	sequence, err := strconv.ParseUint(number, 10, 64)
	if err != nil || len(number) > longestSequence || len(generation) != generationLength {
		return nil, fail("INVALID_REQUEST", "after is not the id of a change")
	}
	return &watchCursor{generation: generation, sequence: sequence}, nil
}

// watch sends changes below a directory, one JSON object a line, until the host goes away.
func (s *Server) watch(c *call) error {
	var request watchRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	root, err := cleanPath(request.Path)
	if err != nil {
		return err
	}
	after, err := parseWatchCursor(request.After)
	if err != nil {
		return err
	}
	key := watchKey{path: root, recursive: request.Recursive, attributes: request.Attributes}
	w, place, err := s.watches.listen(key, after)
	if err != nil {
		return err
	}
	defer s.watches.leave(w)
	reply := watchReply{OK: true, Cursor: w.cursor(place.position).text(), Lost: place.lost}
	if err := c.reply(reply); err != nil {
		return err
	}
	gone := make(chan struct{})
	c.hangup(func() { close(gone) })
	for {
		lines, changed := w.take(&place)
		if len(lines) > 0 {
			if _, err := c.conn.Write(lines); err != nil {
				return errHangup
			}
			continue
		}
		select {
		case <-changed:
		case <-w.ended:
			return errHangup
		case <-gone:
			return errHangup
		}
	}
}
