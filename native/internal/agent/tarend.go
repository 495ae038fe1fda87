package agent

import "io"

const tarBlock = 512

// marked knows whether a tar had its end: a block of zeros after the last entry. A tar that was cut off between two
// entries looks whole to its reader.
type marked struct {
	from  io.Reader
	count int64 // bytes that were read
	zeros int64 // how many of the last ones are 0
}

func (m *marked) Read(into []byte) (int, error) {
	n, err := m.from.Read(into)
	m.count += int64(n)
	run := n
	for run > 0 && into[run-1] == 0 {
		run--
	}
	if run > 0 {
		m.zeros = 0
	}
	m.zeros += int64(n - run)
	return n, err
}

// end is for when the reader has found the end; before is the count when the last entry was read. Up to a block after
// that belongs to the entry.
func (m *marked) end(before int64) error {
	if m.count-before < tarBlock || m.zeros < tarBlock {
		return fail("INVALID_REQUEST", "the archive is cut off: its end is missing; what came before it is in its place")
	}
	return nil
}
