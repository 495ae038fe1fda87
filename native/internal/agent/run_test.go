package agent_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRunAnswersBothStreamsAndTheExitCode(t *testing.T) {
	g := startGuest(t)
	got := g.shell("echo out; echo err >&2; exit 3")
	if got.stdout != "out\n" || got.stderr != "err\n" || got.fields["exit_code"] != 3.0 {
		t.Fatalf("%+v", got)
	}
}

func TestRunFeedsStandardInput(t *testing.T) {
	g := startGuest(t)
	input := strings.Repeat("0123456789abcdef", 60_000)
	got := g.run(fields{"words": []string{"cat"}, "cwd": "/"}, []byte(input))
	if got.stdout != input {
		t.Fatalf("%d bytes came back", len(got.stdout))
	}
}

func TestRunKillsTheWholeGroupAtItsTimeOut(t *testing.T) {
	g := startGuest(t)
	began := time.Now()
	got := g.run(fields{"shell": "sleep 60 & sleep 60", "cwd": "/", "timeout_ms": 200}, nil)
	if got.fields["exit_code"] != 124.0 || got.fields["timed_out"] != true || time.Since(began) > 5*time.Second {
		t.Fatalf("%+v", got)
	}
}

func TestRunCutsEachStreamAtItsLimit(t *testing.T) {
	g := startGuest(t)
	got := g.run(fields{"shell": "head -c 100000 /dev/zero; echo err >&2", "cwd": "/", "output_limit": 1000}, nil)
	if len(got.stdout) != 1000 || got.fields["stdout_cut"] != true || got.fields["stderr_cut"] != false || got.stderr != "err\n" {
		t.Fatalf("%d %+v", len(got.stdout), got.fields)
	}
}

func TestRunDoesNotWaitForWhatItLeftRunning(t *testing.T) {
	g := startGuest(t)
	began := time.Now()
	got := g.shell("(sleep 1; echo late > " + t.TempDir() + "/late; echo more) & echo now")
	if got.stdout != "now\n" || time.Since(began) > 900*time.Millisecond {
		t.Fatalf("%q after %v", got.stdout, time.Since(began))
	}
}

func TestRunOfAKilledCommandAnswers137(t *testing.T) {
	g := startGuest(t)
	if got := g.shell("kill -9 $$"); got.fields["exit_code"] != 137.0 {
		t.Fatalf("%+v", got)
	}
}

func TestRunEndsWhenTheHostHangsUp(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	e := g.open("run", fields{"shell": "echo $$ > " + folder + "/pid; sleep 60", "cwd": "/"}, nil)
	eventually(t, func() bool { return g.shell("cat "+folder+"/pid 2>/dev/null").stdout != "" })
	pid := strings.TrimSpace(g.shell("cat " + folder + "/pid").stdout)
	e.conn.Close()
	eventually(t, func() bool { return g.shell("kill -0 " + pid).fields["exit_code"] != 0.0 })
}

func TestRunThatTheHostEndsAnswersWithWhatItSaid(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	e := g.open("run", fields{"shell": "echo said; echo begun > " + folder + "/begun; sleep 60", "cwd": "/"}, nil)
	eventually(t, func() bool { return g.shell("cat "+folder+"/begun 2>/dev/null").stdout != "" })
	if _, err := e.conn.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	answer := e.answer()
	if said := e.bytes(answer["stdout"]); said != "said\n" || answer["exit_code"] != 137.0 {
		t.Fatalf("%q %+v", said, answer)
	}
}

func TestRunKnowsUsersDirectoriesAndPrograms(t *testing.T) {
	g := startGuest(t)
	if got := g.run(fields{"shell": "id -u; echo $USER", "cwd": "/", "user": "nobody"}, nil); got.stdout != "65534\nnobody\n" {
		t.Fatalf("%q", got.stdout)
	}
	if got := g.run(fields{"shell": "id -u; id -g", "cwd": "/", "user": "54321"}, nil); got.stdout != "54321\n0\n" {
		t.Fatalf("%q", got.stdout)
	}
	g.refused("run", fields{"shell": "true", "user": "nemo"}, "USER_NOT_FOUND")
	g.refused("run", fields{"shell": "true", "user": "65536"}, "USER_NOT_FOUND")
	g.refused("run", fields{"shell": "true", "cwd": "/nowhere"}, "PATH_NOT_FOUND")
	g.refused("run", fields{"shell": "true", "cwd": "/etc/../etc"}, "INVALID_PATH")
	g.refused("run", fields{"words": []string{"no-such-program"}}, "COMMAND_NOT_FOUND")
	g.refused("run", fields{}, "INVALID_REQUEST")
	g.refused("run", fields{"shell": "true", "env": fields{"A=B": "c"}}, "INVALID_REQUEST")
}

func TestConfiguredEnvironmentReachesCommands(t *testing.T) {
	g := startGuest(t)
	g.call("configure", fields{"env": fields{"COLOR": "blue", "GONE": "1"}})
	g.call("configure", fields{"env": fields{"SHAPE": "round"}, "unset_env": []string{"GONE"}})
	got := g.run(fields{"shell": "echo $COLOR $SHAPE $SIZE [$GONE]", "cwd": "/", "env": fields{"SIZE": "big"}}, nil)
	if got.stdout != "blue round big []\n" {
		t.Fatalf("%q", got.stdout)
	}
}

// The kernel takes them; only a shell cannot assign to them.
func TestVariablesThatNoShellCanNameReachCommands(t *testing.T) {
	g := startGuest(t)
	g.call("configure", fields{"env": fields{"of.all": "1", "changed-name": "old"}})
	own := fields{"MY-VAR": "it's $HOME", "1st": "2", "changed-name": "new"}
	want := "MY-VAR=it's $HOME\n1st=2\nchanged-name=new\nof.all=1\n"
	names := "'^MY-VAR|^1st|^changed-name|^of.all'"
	for _, arguments := range []fields{
		{"shell": "env | grep -E " + names + " | LC_ALL=C sort"},
		{"words": []string{"/bin/bash", "-l", "-c", "env | grep -E " + names + " | LC_ALL=C sort"}},
	} {
		arguments["cwd"], arguments["env"] = "/", own
		if got := sorted(g.run(arguments, nil).stdout); got != sorted(want) {
			t.Fatalf("%v: %q", arguments, got)
		}
	}
	for _, name := range []string{"", "A=B", "A\x00"} {
		g.refused("run", fields{"shell": "true", "env": fields{name: "c"}}, "INVALID_REQUEST")
	}
}

func sorted(lines string) string {
	all := strings.Split(strings.TrimSpace(lines), "\n")
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func TestRunInATerminal(t *testing.T) {
	g := startGuest(t)
	got := g.run(fields{"shell": "test -t 0 && stty size", "cwd": "/", "terminal": true, "rows": 33, "cols": 99}, nil)
	if got.stdout != "33 99\r\n" {
		t.Fatalf("%q", got.stdout)
	}
}

func TestStrangeCallsAreRefusedAndTheAgentLivesOn(t *testing.T) {
	g := startGuest(t)
	g.refused("no-such-call", nil, "UNKNOWN_CALL")
	g.refused("ping", fields{"v": 99}, "UNSUPPORTED_VERSION")
	g.refused("run", fields{"shell": 5}, "INVALID_REQUEST")
	g.refused("run", fields{"shell": "true", "body": 1 << 30}, "TOO_LARGE")
	g.refused("records", fields{"pid": -1}, "PROCESS_NOT_FOUND")
	for _, signal := range []string{"TERM", "INT", "HUP", "QUIT", "USR1", "PIPE", "SEGV", "ABRT", "ALRM"} {
		g.shell("kill -" + signal + " $PPID")
	}
	if g.call("ping", nil)["v"] != 1.0 {
		t.Fatal("no ping")
	}
}

func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestALoginShellIsTheOneThatThereIs(t *testing.T) {
	g := startGuest(t)
	got := g.run(fields{"words": []string{"/no/such/shell", "-c", "echo $0"}, "login_shell": true, "cwd": "/"}, nil)
	if got.stdout != "/bin/bash\n" && got.stdout != "/bin/sh\n" {
		t.Fatalf("%+v", got)
	}
	g.refused("run", fields{"words": []string{}, "login_shell": true}, "INVALID_REQUEST")
	g.refused("run", fields{"words": []string{"/no/such/shell"}, "cwd": "/"}, "COMMAND_NOT_FOUND")
}

func TestRunSaysWhatTheKernelTakes(t *testing.T) {
	g := startGuest(t)
	answer := g.open("run", fields{"shell": ": " + strings.Repeat("x", 200_000), "cwd": "/"}, nil).answer()
	if message, _ := answer["message"].(string); answer["code"] != "TOO_LARGE" || !strings.Contains(message, "128 KiB") {
		t.Fatal(answer)
	}
}
