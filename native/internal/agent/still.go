package agent

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	stillTime = 2 * time.Second
	stillLook = 500 * time.Microsecond
)

// stillness is which processes this agent has stopped, for the time in which the machine is copied with its memory.
type stillness struct {
	mu      sync.Mutex
	stopped []int
}

type stillReply struct {
	OK      bool `json:"ok"`
	Stopped int  `json:"stopped"`
}

// still stops every process but this one. What was stopped before is not this call's to start again.
func (s *Server) still(c *call) error {
	if os.Getpid() != 1 {
		// It would stop what is not of its sandbox.
		return fail("INVALID_REQUEST", "only process 1 stops all others")
	}
	s.stillness.mu.Lock()
	defer s.stillness.mu.Unlock()
	s.spares.close()
	known := map[int]bool{}
	for _, pid := range s.stillness.stopped {
		known[pid] = true
	}
	end := time.Now().Add(stillTime)
	for {
		running := 0
		for _, pid := range processIds() {
			state := stateOf(pid)
			if pid == 1 || state == 0 || strings.IndexByte("ZXx", state) >= 0 {
				continue
			}
			if state == 'T' || state == 't' {
				continue
			}
			running++
			if !known[pid] && syscall.Kill(pid, syscall.SIGSTOP) == nil {
				known[pid] = true
				s.stillness.stopped = append(s.stillness.stopped, pid)
			}
		}
		if running == 0 {
			return c.reply(stillReply{OK: true, Stopped: len(s.stillness.stopped)})
		}
		if time.Now().After(end) {
			s.stillness.resume()
			s.spares.open()
			return fail("BUSY", "the sandbox's processes do not stand still")
		}
		time.Sleep(stillLook)
	}
}

// resume starts what was stopped, children before their parents: a shell that waits for one must not see it stopped.
func (q *stillness) resume() {
	sort.Sort(sort.Reverse(sort.IntSlice(q.stopped)))
	for _, pid := range q.stopped {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
	q.stopped = nil
}

type moveOnRequest struct {
	Hostname string            `json:"hostname"`
	NewToken string            `json:"new_token"`
	Env      map[string]string `json:"env"`
}

// moveOn undoes still. A copy of a machine is given its own name and token first, and what identifies a machine is made
// anew: nothing of it has run until then.
func (s *Server) moveOn(c *call) error {
	var request moveOnRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	s.stillness.mu.Lock()
	defer s.stillness.mu.Unlock()
	if request.NewToken != "" {
		if len(request.NewToken) < minToken || request.Hostname == "" || !isHostname(request.Hostname) {
			return fail("INVALID_REQUEST", "a copy gets a host name and a token")
		}
		change := configureRequest{Hostname: request.Hostname, Env: request.Env, ReplaceEnv: true}
		if err := s.settings.change(change); err != nil {
			return err
		}
		if s.token != nil {
			s.token.change(request.NewToken)
		}
		s.watches.forgetAll()
		writeHostname(request.Hostname)
		renewIdentity()
	}
	s.activity.end()
	s.stillness.resume()
	s.spares.open()
	return c.reply(okay{OK: true})
}

// renewIdentity replaces what no two machines may have alike. The kernel's own random numbers come from the host.
func renewIdentity() {
	_, _ = blocking(func() (okay, error) {
		id := make([]byte, 16)
		if _, err := rand.Read(id); err == nil {
			overwrite("/etc/machine-id", hex.EncodeToString(id)+"\n")
		}
		keys, _ := filepath.Glob("/etc/ssh/ssh_host_*_key*")
		for _, key := range keys {
			_ = os.Remove(key)
		}
		seed := make([]byte, 512)
		if _, err := rand.Read(seed); err == nil {
			for _, path := range []string{"/var/lib/systemd/random-seed", "/dev/urandom"} {
				if file, err := os.OpenFile(path, os.O_WRONLY|unix.O_NOFOLLOW, 0); err == nil {
					_, _ = file.Write(seed)
					file.Close()
				}
			}
		}
		return okay{}, nil
	})
}

func processIds() []int {
	folder, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer folder.Close()
	names, _ := folder.Readdirnames(-1)
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// stateOf is the letter of a process's state; 0 when it is gone.
func stateOf(pid int) byte {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	end := strings.LastIndexByte(string(text), ')')
	if end < 0 || end+2 >= len(text) {
		return 0
	}
	return text[end+2]
}
