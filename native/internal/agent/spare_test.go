package agent_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

var killedChild = regexp.MustCompile(`line \d+: +\d+ `)

const waitingLine = "# waits for a command"

// spare is the process id of the shell in reserve, or 0.
func (g *guest) spare() int {
	found := 0
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", g.process.Process.Pid, g.process.Process.Pid))
	names := strings.Fields(string(children))
	if tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", g.process.Process.Pid)); err == nil {
		for _, task := range tasks {
			more, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", g.process.Process.Pid, task.Name()))
			names = append(names, strings.Fields(string(more))...)
		}
	}
	for _, name := range names {
		line, _ := os.ReadFile("/proc/" + name + "/cmdline")
		if strings.HasPrefix(string(line), "/bin/bash\x00-lc\x00"+waitingLine) {
			fmt.Sscan(name, &found)
		}
	}
	return found
}

// ready waits until a shell is in reserve.
func (g *guest) ready() int {
	g.t.Helper()
	if g.spare() == 0 {
		g.shell("true")
	}
	eventually(g.t, func() bool { return g.spare() != 0 })
	return g.spare()
}

// pair is one guest that keeps a shell in reserve, and one that does not, with the same home.
type pair struct{ spare, cold *guest }

func startPair(t *testing.T) (pair, string) {
	t.Helper()
	if _, err := os.Stat("/bin/bash"); err != nil {
		t.Fatal("no bash")
	}
	home := t.TempDir()
	p := pair{spare: startGuest(t), cold: startGuest(t, "--no-spare-shell")}
	p.configure(fields{"env": fields{"HOME": home}})
	return p, home
}

func (p pair) configure(arguments fields) {
	p.spare.call("configure", arguments)
	p.cold.call("configure", arguments)
}

// both runs a command in both, and answers what they made of it.
func (p pair) both(t *testing.T, arguments fields, input []byte) (spare, cold result) {
	t.Helper()
	pid := p.spare.ready()
	if arguments["cwd"] == nil {
		arguments["cwd"] = "/"
	}
	spare = p.spare.run(arguments, input)
	if int(spare.fields["pid"].(float64)) != pid {
		t.Fatalf("%v did not run in the spare shell", arguments)
	}
	return spare, p.cold.run(arguments, input)
}

// alike fails unless both are the same, once what is each process's own is masked.
func alike(t *testing.T, name any, spare, cold result, p pair) {
	t.Helper()
	a, b := masked(spare, p.spare), masked(cold, p.cold)
	if a != b {
		t.Errorf("%v\nspare: %s\ncold:  %s", name, a, b)
	}
}

func masked(r result, g *guest) string {
	text := fmt.Sprintf("%v %v\n%s\n%s", r.fields["exit_code"], r.fields["timed_out"], r.stdout, r.stderr)
	for name, pid := range map[string]int{"PID": int(r.fields["pid"].(float64)), "AGENT": g.process.Process.Pid} {
		text = regexp.MustCompile(fmt.Sprintf(`\b%d\b`, pid)).ReplaceAllString(text, name)
	}
	return killedChild.ReplaceAllString(text, "line N: CHILD ")
}

var lines = []string{
	"true", "false", "exit 7", "echo out; echo err >&2; exit 3", "set -e; false; echo no", "set -eu; echo $nosuch", "set -x; echo a b",
	"trap 'echo bye' EXIT; exit 4", "trap 'echo err' ERR; false; true", "trap -p; trap 'echo usr' USR1; kill -USR1 $$",
	"echo $0 $# \"$@\" $- $$ $PPID $BASHPID $SHLVL $BASH", "echo \"$BASH_EXECUTION_STRING\"", "shopt login_shell; shopt -p; set -o; umask; ulimit -a",
	"env | grep -v ^_= | sort", "declare -F; alias; jobs; hash; dirs", "pwd; pwd -P; cd -; echo $OLDPWD", "cd /tmp; pwd; cd -",
	"declare -p | grep -vE ' (SECONDS|RANDOM|SRANDOM|EPOCH[A-Z]*|_|BASH_ARGV0|BASH_VERSINFO|HISTCMD)\\b'",
	"ls -l /proc/self/fd | sed 's/.*-> //; s/[0-9][0-9]*/N/g'", "cat <&0; readlink /proc/self/fd/0", "cat /proc/$$/cmdline | tr -d '\\0'",
	"tr '\\0' '\\n' </proc/self/environ | grep -v ^_= | sort", "echo $((SECONDS > 1)) $LINENO", "echo $LINENO\necho $LINENO; nosuch\n((",
	"if", "echo \"", "echo '", ")", "echo a; done", "nosuch", "/etc", "/nosuch/x", "return 3; echo x", "echo $(( 1/0 )); echo hi", "echo ${x?no}; echo hi",
	"kill -9 $$", "kill -TERM $$; sleep 1", "sh -c 'kill -SEGV $$'", "sh -c 'kill -9 $$'; echo $?", "exec ls /nosuch", "exec echo a", "exec 3>&1; echo a >&3",
	"f() { echo f; return 3; }; f", "cat <<X\nhi $HOME\nX", "cat <<'X' | tr a-z A-Z\nhi $HOME\nX\necho after", "echo $BASH_SUBSHELL; (echo $BASH_SUBSHELL; exit 3); echo $?",
	"sleep 60 & kill %1; wait; echo $?", "logout", "caller; echo ${BASH_SOURCE[@]} ${FUNCNAME[@]}", "readonly BASH_ENV; BASH_ENV=x",
	"echo 'quote'\\''s' \"dou\\\"ble\" `echo back` $'\\x01\\x7f\\xff' | od -c", "printf '%s\\n' $'a\nb' \\\\ \\' '\\n'", "echo ünï→\u0001\u007f | od -c", "! true", "true &&\n\\\nfalse",
	"   ", "\n\necho third $LINENO", "# only a comment", "echo a #comment", "time -p true 2>/dev/null", "ps -o pid=,ppid=,pgid=,sid=,args= -p $$ | tr -s ' '",
	"ulimit -n 99; ulimit -n", "umask 077; umask", "type cd; command -v ls", "for i in 1 2 3; do echo $i; done | cat -n", "shopt -s expand_aliases\nalias x='echo y'\nx",
	"test -t 0; echo $?; test -p /dev/stdin; echo $?; test -c /dev/stdin; echo $?", "history; fc -l", "echo ~ ~root; echo *",
	"yes | head -c 3000000", "echo {a..e}; [[ abc =~ b ]] && echo ${BASH_REMATCH[0]}", "coproc cat; echo $?", "suspend", "unset PATH; /bin/echo $PATH", "stat -c %h-%F /proc/self/cwd -L",
}

func TestASpareShellDoesWhatANewOneDoes(t *testing.T) {
	p, _ := startPair(t)
	for _, line := range append(lines, "echo "+strings.Repeat("x", 4090)) {
		spare, cold := p.both(t, fields{"shell": line}, nil)
		alike(t, line, spare, cold, p)
	}
}

// The SDKs of E2B send a line so.
func TestASpareShellTakesALineGivenAsWords(t *testing.T) {
	p, _ := startPair(t)
	for _, line := range []string{"echo $0 $# $-; exit 4", "shopt login_shell", "nosuch", "("} {
		spare, cold := p.both(t, fields{"words": []string{"/bin/bash", "-l", "-c", line}}, nil)
		alike(t, line, spare, cold, p)
	}
}

func TestASpareShellReadsTheProfilesOfTheMoment(t *testing.T) {
	p, home := startPair(t)
	p.spare.ready()
	shown := "echo $FROM $?; echo a$?; declare -F; trap -p; alias; shopt -q login_shell; echo $?"
	for _, name := range []string{".profile", ".bash_login", ".bash_profile"} {
		for _, text := range []string{"export FROM=" + name + "\n", "FROM=b\nreturn 0\nFROM=c\n", "false\n", "set -e\nFROM=e\n", "set -e\nfalse\n", "exit 9\n", "if\n", "f() { :; }\n",
			"trap 'echo end' EXIT\n", "cd /tmp; unset HOME\n", "echo said; echo \"$BASH_EXECUTION_STRING\" $0 $# $- $PWD >&2\n", "", "shopt -q login_shell && FROM=login\n", "set -- a b\n", "exec 3>&1\n"} {
			if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			spare, cold := p.both(t, fields{"shell": shown}, nil)
			alike(t, name+": "+text, spare, cold, p)
		}
	}
	_ = os.WriteFile(filepath.Join(home, ".bash_logout"), []byte("echo out of here\n"), 0o644)
	_ = os.WriteFile(filepath.Join(home, ".bash_profile"), nil, 0o644)
	for _, line := range []string{"exit 3", "true", "logout"} {
		spare, cold := p.both(t, fields{"shell": line}, nil)
		alike(t, line, spare, cold, p)
	}
}

func TestASpareShellHasTheEnvironmentOfTheMoment(t *testing.T) {
	p, _ := startPair(t)
	p.configure(fields{"env": fields{"OLD": "1", "SAME": "s", "KEPT": "k"}})
	p.spare.ready()
	p.configure(fields{"env": fields{"NEW": "it's \"$HOME\" `x` \\ \n \t \u0001\u007f ü", "SAME": "t", "EMPTY": "", "HOSTNAME": "other"}, "unset_env": []string{"OLD"}})
	for _, env := range []fields{{}, {"OWN": "o"}, {"HOME": "/tmp", "PATH": "/usr/bin:/bin"}, {"KEPT": ""}, {"A": strings.Repeat("x", 20000)}, {"PWD": "/nowhere"}} {
		spare, cold := p.both(t, fields{"shell": "tr '\\0' '\\n' </proc/self/environ | grep -v ^_= | sort; declare -p | grep -E ' (PWD|OLDPWD|OWN|OLD|BASH_ENV)\\b'; ls / | wc -l", "env": env}, nil)
		alike(t, env, spare, cold, p)
		spare, cold = p.both(t, fields{"shell": "pwd; cd -; ls -d .", "env": env, "cwd": "/proc/self/../self/../sys/"[:5]}, nil)
		alike(t, env, spare, cold, p)
	}
}

func TestASpareShellKeepsVariablesThatItCannotName(t *testing.T) {
	p, _ := startPair(t)
	p.spare.ready()
	p.configure(fields{"env": fields{"a.b": "1"}})
	// The shell in reserve is older than the variable, the next one has begun with it.
	p.spare.shell("true")
	eventually(t, func() bool {
		pid := p.spare.ready()
		return p.spare.run(fields{"shell": "true", "cwd": "/"}, nil).fields["pid"] == float64(pid)
	})
	spare, cold := p.both(t, fields{"shell": "env | grep -v ^_= | LC_ALL=C sort"}, nil)
	alike(t, "env", spare, cold, p)
	if !strings.Contains(spare.stdout, "a.b=1\n") {
		t.Fatal(spare.stdout)
	}
}

func TestASpareShellGoesWhereTheCommandIs(t *testing.T) {
	p, home := startPair(t)
	link := filepath.Join(home, "li nk'\"$x")
	if err := os.Symlink("/usr/bin", link); err != nil {
		t.Fatal(err)
	}
	for _, cwd := range []string{"/", "/tmp", link, "//usr//lib/", home} {
		spare, cold := p.both(t, fields{"shell": "pwd; pwd -P; echo $PWD; readlink /proc/self/cwd; declare -p PWD OLDPWD; dirs", "cwd": cwd}, nil)
		alike(t, cwd, spare, cold, p)
	}
}

func TestASpareShellTakesStandardInput(t *testing.T) {
	p, _ := startPair(t)
	input := []byte(strings.Repeat("0123456789abcdef", 60_000))
	for _, line := range []string{"md5sum", "head -c 5; wc -c", "read x; echo ${#x}", "true", "test -p /dev/stdin; echo $?", "cat | cat >/dev/null; ls -l /proc/self/fd | wc -l"} {
		spare, cold := p.both(t, fields{"shell": line}, input)
		alike(t, line, spare, cold, p)
	}
}

func TestASpareShellLeavesWhatItStarted(t *testing.T) {
	p, home := startPair(t)
	p.spare.ready()
	began := time.Now()
	spare, cold := p.both(t, fields{"shell": "(sleep 1; echo late >>" + home + "/late; echo more) & echo now"}, nil)
	alike(t, "background", spare, cold, p)
	if time.Since(began) > 900*time.Millisecond {
		t.Fatal("it waited")
	}
	eventually(t, func() bool {
		text, _ := os.ReadFile(home + "/late")
		return string(text) == "late\nlate\n"
	})
}

func TestASpareShellIsKilledWithItsGroup(t *testing.T) {
	p, _ := startPair(t)
	spare, cold := p.both(t, fields{"shell": "sleep 60 & sleep 60", "timeout_ms": 200}, nil)
	alike(t, "time-out", spare, cold, p)
	pid := p.spare.ready()
	e := p.spare.open("run", fields{"shell": "sleep 60; true", "cwd": "/"}, nil)
	eventually(t, func() bool { return p.spare.spare() != pid })
	e.conn.Close()
	eventually(t, func() bool { return syscall.Kill(-pid, 0) == syscall.ESRCH })
}

func TestAStartedProcessMayUseTheSpareShell(t *testing.T) {
	p, _ := startPair(t)
	pid := p.spare.ready()
	if got := p.spare.started(fields{"shell": "exec sleep 60", "cwd": "/"}); got != pid {
		t.Fatalf("%d, not %d", got, pid)
	}
	p.spare.call("signal", fields{"pid": pid, "signal": 15})
	if view := p.spare.await(pid); view["exit_code"] != 143.0 || view["command"] != "exec sleep 60" {
		t.Fatalf("%v", view)
	}
	// A line that is one program becomes it: a signal to the process reaches the program.
	pid = p.spare.ready()
	p.spare.started(fields{"shell": "sleep 60", "cwd": "/"})
	eventually(t, func() bool {
		name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		return string(name) == "sleep\n"
	})
	p.spare.call("signal", fields{"pid": pid, "signal": 9})
	pid = p.spare.ready()
	p.spare.started(fields{"shell": "cat; echo end", "cwd": "/", "keep_stdin_open": true})
	answer := p.spare.open("input", fields{"pid": pid, "close": true}, []byte("typed\n")).answer()
	if answer["ok"] != true {
		t.Fatal(answer)
	}
	p.spare.await(pid)
	if got := p.spare.call("tail", fields{"pid": pid, "lines": 10}); got["stdout"] != float64(len("typed\nend\n")) {
		t.Fatal(got)
	}
}

func TestAPathThatWasGivenHoldsBehindTheProfiles(t *testing.T) {
	p, home := startPair(t)
	if err := os.WriteFile(filepath.Join(home, ".profile"), []byte("PATH=/of/profile:/usr/bin:/bin\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	paths := func(arguments fields, want string) {
		t.Helper()
		arguments["shell"] = "echo $PATH\nprintenv PATH; echo $LINENO $0"
		spare, cold := p.both(t, arguments, nil)
		alike(t, arguments, spare, cold, p)
		if want += "\n" + want + "\n2 /bin/bash\n"; cold.stdout != want {
			t.Errorf("%v: %q, not %q", arguments, cold.stdout, want)
		}
	}
	own := "/it's mine:/usr/bin:/bin"
	paths(fields{}, "/of/profile:/usr/bin:/bin")
	paths(fields{"env": fields{"PATH": own}}, own)
	p.configure(fields{"env": fields{"PATH": "/configured:/usr/bin:/bin"}})
	paths(fields{}, "/configured:/usr/bin:/bin")
	paths(fields{"env": fields{"PATH": own}}, own)
	if got := p.cold.run(fields{"shell": "echo $PATH", "cwd": "/", "user": "nobody", "terminal": true}, nil); !strings.Contains(got.stdout, "/configured:") {
		t.Errorf("%+v", got)
	}
}

func TestWhatASpareShellCannotDoANewOneDoes(t *testing.T) {
	p, home := startPair(t)
	for name, arguments := range map[string]fields{
		"words":    {"words": []string{"/bin/bash", "-c", "echo $0 $-"}},
		"terminal": {"shell": "true", "terminal": true},
		"user":     {"shell": "id -u", "user": "nobody"},
		"long":     {"shell": "true #" + strings.Repeat("x", 4096)},
		"huge":     {"shell": "true #" + strings.Repeat("x", 100_000)},
		"name":     {"shell": "env", "env": fields{"a.b": "1"}},
		"BASH_ENV": {"shell": "true", "env": fields{"BASH_ENV": home + "/env"}},
		"posix":    {"shell": "shopt -o posix", "env": fields{"POSIXLY_CORRECT": "1"}},
		"options":  {"shell": "set -o", "env": fields{"SHELLOPTS": "xtrace"}},
		"function": {"shell": "f", "env": fields{"BASH_FUNC_f%%": "() { echo f; }"}},
		"preload":  {"shell": "true", "env": fields{"LD_LIBRARY_PATH": "/nowhere"}},
		"locale":   {"shell": "locale", "env": fields{"LC_ALL": "C"}},
		"lang":     {"shell": "locale", "env": fields{"LANG": "xx_YY"}},
		"zone":     {"shell": "date +%Z", "env": fields{"TZ": "Asia/Tokyo"}},
		"OLDPWD":   {"shell": "cd -", "env": fields{"OLDPWD": "/tmp"}},
		"SECONDS":  {"shell": "echo $((SECONDS >= 5))", "env": fields{"SECONDS": "5"}},
		"IFS":      {"shell": "x=a:b; echo $x", "env": fields{"IFS": ":"}},
		"level":    {"shell": "echo $SHLVL", "env": fields{"SHLVL": "7"}},
		"big":      {"shell": "echo ${#A}", "env": fields{"A": strings.Repeat("x", 62_000)}},
	} {
		pid := p.spare.ready()
		arguments["cwd"] = "/"
		spare := p.spare.run(arguments, nil)
		if int(spare.fields["pid"].(float64)) == pid {
			t.Errorf("%s ran in the spare shell", name)
		}
		alike(t, name, spare, p.cold.run(arguments, nil), p)
	}
}

func TestASpareShellThatWasHurtHurtsNobody(t *testing.T) {
	g := startGuest(t)
	line := fields{"shell": "echo $$", "cwd": "/"}
	for _, number := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGSEGV, syscall.SIGHUP} {
		pid := g.ready()
		if err := syscall.Kill(pid, number); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			return err != nil || strings.Contains(string(text), ") T ") || strings.Contains(string(text), ") Z ")
		})
		got := g.run(line, nil)
		if got.fields["exit_code"] != 0.0 || got.stdout != fmt.Sprintf("%v\n", got.fields["pid"]) || got.fields["pid"] == float64(pid) {
			t.Fatalf("%v: %+v", number, got)
		}
		eventually(t, func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	}
	// Somebody else's words are no script: the shell that got them is not used a second time, and the line runs once.
	pid := g.ready()
	if file, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/5", pid), os.O_WRONLY, 0); err == nil {
		_, _ = file.WriteString("echo fed\n")
		file.Close()
	}
	if got := g.shell("echo once"); strings.Count(got.stdout, "once") != 1 {
		t.Fatalf("%+v", got)
	}
	if got := g.shell("echo twice"); got.stdout != "twice\n" {
		t.Fatalf("%+v", got)
	}
	// A full pipe: the agent does not wait, and starts a shell.
	pid = g.ready()
	if file, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/5", pid), os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
		_ = syscall.Kill(pid, syscall.SIGSTOP)
		for {
			if _, err := syscall.Write(int(file.Fd()), make([]byte, 4096)); err != nil {
				break
			}
		}
		_ = syscall.Kill(pid, syscall.SIGCONT)
		file.Close()
	}
	if got := g.shell("echo full"); strings.Count(got.stdout, "full") != 1 {
		t.Fatalf("%+v", got)
	}
}

func TestASpareShellOfATracerIsNotUsed(t *testing.T) {
	g := startGuest(t)
	pid := g.ready()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := syscall.PtraceAttach(pid); err != nil {
		t.Fatal(err)
	}
	var status syscall.WaitStatus
	_, _ = syscall.Wait4(pid, &status, 0, nil)
	if got := g.shell("echo $$"); got.fields["exit_code"] != 0.0 || got.fields["pid"] == float64(pid) {
		t.Fatalf("%+v", got)
	}
}

func TestManyCommandsAtOnceRunOnceEach(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	done := make(chan bool)
	for worker := range 8 {
		go func() {
			defer func() { done <- true }()
			for i := range 25 {
				name := fmt.Sprintf("%d-%d", worker, i)
				e := g.open("run", fields{"shell": "echo x >>" + folder + "/" + name + "; echo " + name, "cwd": "/"}, nil)
				if answer := e.answer(); answer["ok"] != true || answer["exit_code"] != 0.0 || e.bytes(answer["stdout"]) != name+"\n" {
					t.Errorf("%v", answer)
				}
			}
		}()
	}
	for range 8 {
		<-done
	}
	files, _ := os.ReadDir(folder)
	for _, file := range files {
		if text, _ := os.ReadFile(folder + "/" + file.Name()); string(text) != "x\n" {
			t.Errorf("%s: %q", file.Name(), text)
		}
	}
	if len(files) != 200 {
		t.Fatalf("%d files", len(files))
	}
}

func TestWithoutASpareShellNoneIsKept(t *testing.T) {
	g := startGuest(t, "--no-spare-shell")
	for range 5 {
		g.shell("true")
	}
	if g.spare() != 0 {
		t.Fatal("there is one")
	}
}

func TestASpareShellIsNoProcessOfTheHost(t *testing.T) {
	g := startGuest(t)
	g.ready()
	if list := g.call("processes", nil)["processes"].([]any); len(list) != 0 {
		t.Fatal(list)
	}
	if pong := g.call("ping", nil); pong["processes"] != 0.0 {
		t.Fatal(pong)
	}
	g.shell("true")
	eventually(t, func() bool { return g.spare() != 0 })
}

// A copy of the machine must not have the shell of its source.
func TestNoSpareShellIsCopied(t *testing.T) {
	unshare, err := exec.LookPath("unshare")
	if err != nil || os.Geteuid() != 0 {
		t.Fatal("a namespace of processes needs root and unshare")
	}
	g := startGuestBy(t, unshare, "--fork", "--pid", "--mount-proc", "--kill-child", agentBinary)
	waits := func() bool {
		got := g.run(fields{"words": []string{"/bin/sh", "-c", "cat /proc/[0-9]*/cmdline"}, "cwd": "/"}, nil)
		return strings.Contains(got.stdout, "-lc\x00"+waitingLine)
	}
	g.shell("true")
	eventually(t, waits)
	g.call("still", nil)
	eventually(t, func() bool { return !waits() })
	g.shell("true")
	time.Sleep(20 * time.Millisecond)
	if waits() {
		t.Fatal("one was started in between")
	}
	g.call("move-on", fields{})
	if got := g.shell("echo on"); got.stdout != "on\n" {
		t.Fatal(got)
	}
	eventually(t, waits)
}
