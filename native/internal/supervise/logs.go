package supervise

import (
	"io"
	"os"
	"strconv"
)

// Roles write their logs themselves, so that they need nobody who reads: a log that is too long is copied and
// cut. What is written between the two is lost, rarely more than a line.
func (s *Supervisor) rotateLogs() {
	for _, k := range s.keepers {
		info, err := os.Lstat(k.role.Log)
		if err != nil || !info.Mode().IsRegular() || info.Size() <= k.role.LogMaxBytes {
			continue
		}
		if err := rotate(k.role.Log, k.role.LogKeep, k.role.LogMaxBytes); err != nil {
			s.say("the log of %s cannot be rotated: %v", k.role.Name, err)
		}
	}
}

// rotate keeps the newest bytes of a log as .1, and older ones up to .keep.
func rotate(path string, keep int, limit int64) error {
	for i := keep - 1; i >= 1; i-- {
		if err := os.Rename(numbered(path, i), numbered(path, i+1)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	if keep > 0 {
		if err := copyEnd(path, numbered(path, 1), limit); err != nil {
			return err
		}
	}
	return os.Truncate(path, 0)
}

func numbered(path string, number int) string { return path + "." + strconv.Itoa(number) }

// copyEnd copies at most twice the limit: a role that writes madly must not fill the disk through its old logs.
func copyEnd(from, to string, limit int64) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if skip := info.Size() - 2*limit; skip > 0 {
		if _, err := source.Seek(skip, io.SeekStart); err != nil {
			return err
		}
	}
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	defer target.Close()
	if _, err := io.Copy(target, io.LimitReader(source, 2*limit)); err != nil {
		return err
	}
	return target.Close()
}
