package agent

import (
	"path"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	maxWords   = 4096
	maxCommand = 512 << 10
	maxTimeout = 30 * 24 * time.Hour
	// imagePath is where the build of an image of a registry puts the PATH that the image comes with.
	imagePath = "/etc/profile.d/atoll-path.sh"
)

// command is what the host asks to run: a shell line or the words of a program.
type command struct {
	Shell     string            `json:"shell"`
	Words     []string          `json:"words"`
	Cwd       string            `json:"cwd"`
	Env       map[string]string `json:"env"`
	User      string            `json:"user"`
	TimeoutMs int64             `json:"timeout_ms"`
	Terminal  bool              `json:"terminal"`
	Rows      uint16            `json:"rows"`
	Cols      uint16            `json:"cols"`
	KeepStdin bool              `json:"keep_stdin_open"`
	// LoginShell puts the shell that shell lines run with in the place of the first word.
	LoginShell bool `json:"login_shell"`
	// Told says that it is a caller's: who hears what commands do hears of it.
	Told bool  `json:"told"`
	Body int64 `json:"body"` // bytes of standard input that follow the header
}

// program is a command made ready to start.
type program struct {
	search  string // PATH that a shell line has whatever the shell's profiles say, or ""
	path    string
	argv    []string
	attr    syscall.ProcAttr
	env     map[string]string
	root    bool
	timeout time.Duration
}

func (s *Server) prepare(spec *command) (*program, error) {
	if (spec.Shell == "") == (len(spec.Words) == 0) {
		return nil, fail("INVALID_REQUEST", "a command is either a shell line or a list of words")
	}
	if spec.LoginShell && len(spec.Words) > 0 {
		spec.Words[0] = shellOfRoot()
	}
	if spec.TimeoutMs < 0 || spec.TimeoutMs > maxTimeout.Milliseconds() {
		return nil, fail("INVALID_REQUEST", "the time-out is out of range")
	}
	if err := checkWords(spec); err != nil {
		return nil, err
	}
	if err := checkEnvironment(spec.Env); err != nil {
		return nil, err
	}
	who, err := lookupAccount(spec.User)
	if err != nil {
		return nil, err
	}
	env := s.settings.environment(who, spec.Terminal, spec.Env)
	ready := &program{timeout: time.Duration(spec.TimeoutMs) * time.Millisecond}
	if ready.attr.Dir, err = workingDirectory(spec.Cwd); err != nil {
		return nil, err
	}
	if spec.Shell != "" {
		ready.path = shellOfRoot()
		ready.search = s.settings.givenPath(spec.Env)
		ready.argv = []string{ready.path, "-lc", behindProfiles(ready.search) + spec.Shell}
	} else {
		ready.argv = spec.Words
		if ready.path, err = findProgram(spec.Words[0], env["PATH"], ready.attr.Dir); err != nil {
			return nil, err
		}
	}
	env["PWD"] = ready.attr.Dir
	ready.env = env
	ready.root = who.name == "root" && who.uid == 0
	// The terminal is the controlling one: Ctrl-C and job control come from there.
	ready.attr.Sys = &syscall.SysProcAttr{Setsid: true, Setctty: spec.Terminal}
	ready.attr.Sys.Credential = credential(who)
	return ready, nil
}

// behindProfiles begins a line with the PATH that was given: a login shell has read its profiles by then, most of which
// set one. It is no line of its own, so that the numbers of lines stay.
func behindProfiles(search string) string {
	if search == "" {
		return ""
	}
	return "export PATH=" + quoted(search) + "; "
}

// givenPath is the PATH that the call or the configuration gives; "" when none does, or when it is the one of the image,
// whose profile has it already and may be added to by others.
func (s *settings) givenPath(own map[string]string) string {
	search, given := own["PATH"]
	if !given {
		s.mu.RLock()
		search = s.env["PATH"]
		s.mu.RUnlock()
	}
	if search != "" && hasText(imagePath, "export PATH="+quoted(search)+"\n") {
		return ""
	}
	return search
}

// hasText says whether a regular file has exactly this text. Whatever somebody else puts in its place is not waited for.
func hasText(name, text string) bool {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	var status unix.Stat_t
	if unix.Fstat(fd, &status) != nil || status.Mode&unix.S_IFMT != unix.S_IFREG || status.Size != int64(len(text)) {
		return false
	}
	there := make([]byte, len(text))
	n, err := unix.Read(fd, there)
	return err == nil && string(there[:n]) == text
}

func checkWords(spec *command) error {
	total := len(spec.Shell)
	if len(spec.Words) > maxWords {
		return fail("TOO_LARGE", "a command has at most %d words", maxWords)
	}
	for _, word := range spec.Words {
		if strings.IndexByte(word, 0) >= 0 {
			return fail("INVALID_REQUEST", "a word holds NUL")
		}
		total += len(word) + 1
	}
	if total > maxCommand {
		return fail("TOO_LARGE", "a command has at most %d bytes", maxCommand)
	}
	if strings.IndexByte(spec.Shell, 0) >= 0 {
		return fail("INVALID_REQUEST", "the shell line holds NUL")
	}
	if len(spec.Words) > 0 && spec.Words[0] == "" {
		return fail("INVALID_REQUEST", "the first word is empty")
	}
	return nil
}

func workingDirectory(wanted string) (string, error) {
	if wanted == "" {
		if isDirectory("/workspace") {
			return "/workspace", nil
		}
		return "/", nil
	}
	clean, err := cleanPath(wanted)
	if err != nil {
		f := asFailure(err)
		return "", fail(f.code, "cwd: %s", f.message)
	}
	var status unix.Stat_t
	if err := unix.Stat(clean, &status); err != nil {
		f := asFailure(err)
		return "", fail(f.code, "cwd: %s: %s", bounded(clean, 200), f.message)
	}
	if status.Mode&unix.S_IFMT != unix.S_IFDIR {
		return "", fail("NOT_A_DIRECTORY", "cwd: %s is not a directory", bounded(clean, 200))
	}
	return clean, nil
}

func isDirectory(name string) bool {
	var status unix.Stat_t
	return unix.Stat(name, &status) == nil && status.Mode&unix.S_IFMT == unix.S_IFDIR
}

// findProgram looks a program up as execvp does.
func findProgram(word, search, dir string) (string, error) {
	if strings.Contains(word, "/") {
		if !path.IsAbs(word) {
			word = path.Join(dir, word)
		}
		if isProgram(word) {
			return word, nil
		}
		return "", fail("COMMAND_NOT_FOUND", "%s is not an executable file", bounded(word, 256))
	}
	for _, folder := range strings.Split(search, ":") {
		if folder == "" {
			folder = dir
		}
		if candidate := path.Join(folder, word); isProgram(candidate) {
			return candidate, nil
		}
	}
	return "", fail("COMMAND_NOT_FOUND", "%s is not on the path", bounded(word, 256))
}

func isProgram(name string) bool {
	var status unix.Stat_t
	return unix.Stat(name, &status) == nil &&
		status.Mode&unix.S_IFMT == unix.S_IFREG && status.Mode&0o111 != 0
}
