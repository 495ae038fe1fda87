package agent

import "sync"

// claims are the names that calls are just giving to files: of two that give the same one, the second begins when the
// first is done, or has taken all back. They are held by name rather than by one lock for all, so that a file system
// that does not answer keeps nobody from the others.
type claims struct {
	mu    sync.Mutex
	held  map[string]struct{}
	freed chan struct{} // closed when names become free
}

func newClaims() *claims {
	return &claims{held: map[string]struct{}{}, freed: make(chan struct{})}
}

// take waits until all of the names are free, and holds them until what it returns is called. Whoever waits holds
// nothing, so he has to come before he occupies anything else that is counted.
func (c *claims) take(names ...string) (release func()) {
	for {
		freed := c.try(names)
		if freed == nil {
			return func() { c.release(names) }
		}
		<-freed
	}
}

// try takes all of the names, or answers what to wait for.
func (c *claims) try(names []string) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range names {
		if _, taken := c.held[name]; taken {
			return c.freed
		}
	}
	for _, name := range names {
		c.held[name] = struct{}{}
	}
	return nil
}

func (c *claims) release(names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range names {
		delete(c.held, name)
	}
	close(c.freed)
	c.freed = make(chan struct{})
}
