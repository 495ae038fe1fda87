package agent

import (
	"maps"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	maxEnvironment = 512 << 10
	defaultPath    = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)

// settings is what the host configured: the environment that every command starts with.
type settings struct {
	mu  sync.RWMutex
	env map[string]string
}

func newSettings() *settings {
	return &settings{env: map[string]string{}}
}

type configureRequest struct {
	Hostname   string            `json:"hostname"`
	Env        map[string]string `json:"env"`
	Unset      []string          `json:"unset_env"`
	ReplaceEnv bool              `json:"replace_env"`
}

func (s *Server) configure(c *call) error {
	var request configureRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if err := checkEnvironment(request.Env); err != nil {
		return err
	}
	if request.Hostname != "" && !isHostname(request.Hostname) {
		return fail("INVALID_REQUEST", "the host name is not of the form [a-z0-9-]{1,63}")
	}
	c.reach(createBeforeConfigure, publishBeforeConfigure)
	if err := s.settings.change(request); err != nil {
		return err
	}
	s.spares.claimed()
	c.reach(createAfterEnvironment, publishAfterEnvironment)
	if request.Hostname != "" {
		writeHostname(request.Hostname)
	}
	c.reach(createAfterConfigure, publishAfterConfigure)
	err := c.reply(okay{OK: true})
	c.reach(createAfterConfigureAnswer, publishAfterConfigureAnswer)
	return err
}

func (s *settings) change(request configureRequest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := make(map[string]string, len(s.env)+len(request.Env))
	if !request.ReplaceEnv {
		for name, value := range s.env {
			next[name] = value
		}
	}
	for _, name := range request.Unset {
		delete(next, name)
	}
	for name, value := range request.Env {
		next[name] = value
	}
	if request.Hostname != "" {
		next["HOSTNAME"] = request.Hostname
	}
	if err := checkEnvironment(next); err != nil {
		return err
	}
	s.env = next
	return nil
}

// copy is what is configured now.
func (s *settings) copy() map[string]string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return maps.Clone(s.env)
}

// environment is the default one of a user, overlaid by what was configured and by the call's own.
func (s *settings) environment(who account, terminal bool, own map[string]string) map[string]string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	env := make(map[string]string, 8+len(s.env)+len(own))
	env["PATH"] = defaultPath
	env["HOME"] = who.home
	env["USER"] = who.name
	env["LOGNAME"] = who.name
	env["SHELL"] = who.shell
	env["LANG"] = "C.UTF-8"
	if terminal {
		env["TERM"] = "xterm-256color"
	}
	for name, value := range s.env {
		env[name] = value
	}
	for name, value := range own {
		env[name] = value
	}
	return env
}

func flatten(env map[string]string) []string {
	words := make([]string, 0, len(env))
	for name, value := range env {
		words = append(words, name+"="+value)
	}
	return words
}

func checkEnvironment(env map[string]string) error {
	total := 0
	for name, value := range env {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.IndexByte(value, 0) >= 0 {
			return fail("INVALID_REQUEST", "an environment name is empty or holds = or NUL, or its value holds NUL")
		}
		total += len(name) + len(value) + 2
	}
	if total > maxEnvironment {
		return fail("TOO_LARGE", "the environment has at most %d bytes", maxEnvironment)
	}
	return nil
}

func isHostname(name string) bool {
	if len(name) > 63 {
		return false
	}
	for _, letter := range name {
		if (letter < 'a' || letter > 'z') && (letter < '0' || letter > '9') && letter != '-' {
			return false
		}
	}
	return name[0] != '-'
}

// writeHostname names the machine where that is this process's to do; files that a template lacks or
// that say it already are left alone.
func writeHostname(name string) {
	_ = unix.Sethostname([]byte(name))
	_, _ = blocking(func() (okay, error) {
		overwrite("/etc/hostname", name+"\n")
		overwrite("/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n127.0.1.1\t"+name+"\n")
		return okay{}, nil
	})
}

func overwrite(path, text string) {
	file, err := openFile(path, unix.O_RDWR)
	if err != nil {
		return
	}
	defer file.Close()
	buffer := make([]byte, len(text)+1)
	n, _ := file.ReadAt(buffer, 0)
	if string(buffer[:n]) == text {
		return
	}
	if _, err := file.WriteAt([]byte(text), 0); err == nil {
		_ = file.Truncate(int64(len(text)))
	}
}
