package agent

import "golang.org/x/sys/unix"

// sync writes to the disk what the kernel holds back.
func (s *Server) sync(c *call) error {
	_, err := lengthy(func() (struct{}, error) {
		unix.Sync()
		return struct{}{}, nil
	})
	if err != nil {
		return err
	}
	return c.reply(okay{OK: true})
}
