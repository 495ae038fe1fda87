package agent

import (
	"bytes"
	"encoding/binary"
)

const maxTailLines = 100_000

// tail answers the last lines of a process's output: together, and by stream.
func (s *Server) tail(c *call) error {
	var request tailRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if request.Lines < 0 || request.Lines > maxTailLines {
		return fail("INVALID_REQUEST", "lines is at most %d", maxTailLines)
	}
	e, err := s.table.find(request.Pid)
	if err != nil {
		return err
	}
	frames, err := e.ring.newest(maxTail)
	if err != nil {
		return err
	}
	output, stdout, stderr := split(frames)
	output, stdout, stderr = lastLines(output, request.Lines), lastLines(stdout, request.Lines), lastLines(stderr, request.Lines)
	return c.reply(tailReply{OK: true, Output: len(output), Stdout: len(stdout), Stderr: len(stderr)},
		output, stdout, stderr)
}

func split(frames []byte) (output, stdout, stderr []byte) {
	for len(frames) >= frameHead {
		size := 4 + int(binary.BigEndian.Uint32(frames))
		payload := frames[frameHead:size]
		switch frames[4] {
		case streamStdout:
			output, stdout = append(output, payload...), append(stdout, payload...)
		case streamStderr:
			output, stderr = append(output, payload...), append(stderr, payload...)
		}
		frames = frames[size:]
	}
	return output, stdout, stderr
}

func lastLines(data []byte, lines int) []byte {
	if len(data) > maxTail {
		data = data[len(data)-maxTail:]
	}
	at := len(bytes.TrimSuffix(data, []byte{'\n'}))
	for ; lines > 0; lines-- {
		at = bytes.LastIndexByte(data[:at], '\n')
		if at < 0 {
			return data
		}
	}
	if at >= len(data) {
		return nil
	}
	return data[at+1:]
}
