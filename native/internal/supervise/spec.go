// Package supervise keeps the processes of an installation running where systemd does not (see README.md).
package supervise

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	maxSpec        = 1 << 20
	defaultLogSize = 10 << 20
	defaultLogKeep = 5
	defaultStop    = 10
)

var roleForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// Spec is what the supervisor keeps running.
type Spec struct {
	State string `json:"state"` // file that tells role by role what runs
	Pids  string `json:"pids"`  // folder of one file a role with its process id; optional
	Roles []Role `json:"roles"`
}

// Role is one process. Roles start in the order of the list and stop in the other one.
type Role struct {
	Name        string   `json:"name"`
	Command     []string `json:"command"`
	Env         []string `json:"env"`
	Cwd         string   `json:"cwd"` // default /
	Uid         *uint32  `json:"uid"`
	Gid         *uint32  `json:"gid"`
	Groups      []uint32 `json:"groups"`
	Nofile      uint64   `json:"nofile"`
	After       []string `json:"after"`
	MountSpace  string   `json:"mount_namespace"` // file of the mount namespace to start in
	Log         string   `json:"log"`
	LogMaxBytes int64    `json:"log_max_bytes"`
	LogKeep     int      `json:"log_keep"`
	StopSignal  string   `json:"stop_signal"` // default SIGTERM
	StopSeconds int      `json:"stop_seconds"`
}

// ReadSpec reads and checks a specification.
func ReadSpec(path string) (*Spec, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSpec))
	if err != nil {
		return nil, err
	}
	spec := &Spec{}
	if err := json.Unmarshal(text, spec); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := spec.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return spec, nil
}

func (s *Spec) check() error {
	if !filepath.IsAbs(s.State) {
		return fmt.Errorf("state is not an absolute path")
	}
	seen := map[string]bool{}
	for i := range s.Roles {
		role := &s.Roles[i]
		if !roleForm.MatchString(role.Name) || seen[role.Name] {
			return fmt.Errorf("role %q: its name is bad or not its own", role.Name)
		}
		seen[role.Name] = true
		if err := role.check(); err != nil {
			return fmt.Errorf("role %s: %w", role.Name, err)
		}
	}
	return s.order()
}

func (r *Role) check() error {
	if len(r.Command) == 0 || !filepath.IsAbs(r.Command[0]) {
		return fmt.Errorf("command does not start with an absolute path")
	}
	if !filepath.IsAbs(r.Log) {
		return fmt.Errorf("log is not an absolute path")
	}
	if r.LogMaxBytes == 0 {
		r.LogMaxBytes = defaultLogSize
	}
	if r.LogKeep == 0 {
		r.LogKeep = defaultLogKeep
	}
	if r.StopSeconds == 0 {
		r.StopSeconds = defaultStop
	}
	if r.StopSignal == "" {
		r.StopSignal = "SIGTERM"
	}
	if r.Cwd == "" {
		r.Cwd = "/"
	}
	if r.LogMaxBytes < 0 || r.LogKeep < 0 || r.LogKeep > 1000 || r.StopSeconds < 0 {
		return fmt.Errorf("a number is out of range")
	}
	if unix.SignalNum(r.StopSignal) == 0 {
		return fmt.Errorf("stop_signal %q is unknown", r.StopSignal)
	}
	return nil
}

// order moves roles behind those that they name in after.
func (s *Spec) order() error {
	var sorted []Role
	placed := map[string]bool{}
	rest := s.Roles
	for len(rest) > 0 {
		i := slices.IndexFunc(rest, func(role Role) bool {
			return !slices.ContainsFunc(role.After, func(name string) bool { return !placed[name] })
		})
		if i < 0 {
			return fmt.Errorf("role %s: after names an unknown role or makes a circle", rest[0].Name)
		}
		placed[rest[i].Name] = true
		sorted = append(sorted, rest[i])
		rest = slices.Delete(slices.Clone(rest), i, i+1)
	}
	s.Roles = sorted
	return nil
}

func (r *Role) stopSignal() syscall.Signal { return unix.SignalNum(r.StopSignal) }

func (r *Role) stopTime() time.Duration { return time.Duration(r.StopSeconds) * time.Second }
