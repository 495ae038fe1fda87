package supervise_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var binary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "supervise-test-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(folder, "supervise")
	build := exec.Command("go", "build", "-o", binary, "atoll.dev/native/cmd/supervise")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

type fields = map[string]any

// house is a specification and the supervisor that runs it.
type house struct {
	t       *testing.T
	folder  string
	process *exec.Cmd
}

func newHouse(t *testing.T, roles ...fields) *house {
	h := &house{t: t, folder: t.TempDir()}
	h.write(roles...)
	t.Cleanup(h.end)
	return h
}

func (h *house) write(roles ...fields) {
	h.t.Helper()
	for _, role := range roles {
		if _, set := role["log"]; !set {
			role["log"] = filepath.Join(h.folder, role["name"].(string)+".log")
		}
	}
	text, _ := json.Marshal(fields{"state": h.folder + "/state", "pids": h.folder + "/pids", "roles": roles})
	if err := os.WriteFile(h.folder+"/spec.json", text, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) start() {
	h.t.Helper()
	h.process = exec.Command(binary, "--control", h.folder+"/control", h.folder+"/spec.json")
	if err := h.process.Start(); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) end() {
	if h.process == nil {
		return
	}
	_ = h.process.Process.Kill()
	_ = h.process.Wait()
	for _, pid := range h.pids() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func (h *house) pids() map[string]int {
	text, _ := os.ReadFile(h.folder + "/state")
	var state map[string]struct{ Pid int }
	_ = json.Unmarshal(text, &state)
	pids := map[string]int{}
	for name, role := range state {
		pids[name] = role.Pid
	}
	return pids
}

func (h *house) awaitRole(name string, other int) int {
	h.t.Helper()
	pid := 0
	eventually(h.t, func() bool { pid = h.pids()[name]; return pid != 0 && pid != other && alive(pid) })
	return pid
}

func (h *house) log(name string) string {
	text, _ := os.ReadFile(filepath.Join(h.folder, name+".log"))
	return string(text)
}

func (h *house) order(order fields) fields {
	h.t.Helper()
	conn, err := net.Dial("unix", h.folder+"/control")
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close()
	line, _ := json.Marshal(order)
	fmt.Fprintf(conn, "%s\n", line)
	text, err := bufio.NewReader(conn).ReadBytes('\n')
	if err != nil {
		h.t.Fatal(err)
	}
	var answer fields
	_ = json.Unmarshal(text, &answer)
	return answer
}

func shell(name, line string) fields {
	return fields{"name": name, "command": []string{"/bin/sh", "-c", line}, "env": []string{"PATH=/usr/bin:/bin"}}
}

func alive(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(text), ") Z ")
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

func TestARoleThatDiesIsStartedAgain(t *testing.T) {
	h := newHouse(t, shell("one", "echo started; exec sleep 300"))
	h.start()
	first := h.awaitRole("one", 0)
	eventually(t, func() bool { return h.log("one") == "started\n" })
	_ = syscall.Kill(first, syscall.SIGKILL)
	second := h.awaitRole("one", first)
	text, _ := os.ReadFile(h.folder + "/pids/one")
	if strings.TrimSpace(string(text)) != fmt.Sprint(second) {
		t.Fatalf("%q", text)
	}
	eventually(t, func() bool { return h.log("one") == "started\nstarted\n" })
}

func TestARoleThatDiesOfItsStartIsTriedLessAndLess(t *testing.T) {
	h := newHouse(t, shell("bad", "date +%s%N; exit 1"))
	h.start()
	eventually(t, func() bool { return strings.Count(h.log("bad"), "\n") >= 5 })
	var times []int64
	for _, line := range strings.Fields(h.log("bad")) {
		var at int64
		fmt.Sscan(line, &at)
		times = append(times, at)
	}
	if first, last := times[1]-times[0], times[4]-times[3]; last < 3*first {
		t.Fatalf("waited %d, then %d ns", first, last)
	}
}

func TestRolesStopInTheOtherOrder(t *testing.T) {
	trap := func(name string) fields {
		return shell(name, `trap "echo `+name+` >> order; exit" TERM; while :; do sleep 0.05; done`)
	}
	first, second, third := trap("first"), trap("second"), shell("third", `trap "" TERM; while :; do sleep 0.05; done`)
	third["stop_seconds"] = 1
	second["after"] = []string{"first"}
	h := newHouse(t, second, first, third)
	for _, role := range []fields{first, second, third} {
		role["cwd"] = h.folder
	}
	h.write(second, first, third)
	h.start()
	pids := []int{h.awaitRole("first", 0), h.awaitRole("second", 0), h.awaitRole("third", 0)}
	eventually(t, func() bool { return h.order(fields{"op": "status"})["ok"] == true })
	_ = h.process.Process.Signal(syscall.SIGTERM)
	if err := h.process.Wait(); err != nil {
		t.Fatal(err)
	}
	h.process = nil
	order, _ := os.ReadFile(h.folder + "/order")
	if string(order) != "second\nfirst\n" {
		t.Fatalf("%q", order)
	}
	for _, pid := range pids {
		if alive(pid) {
			t.Fatalf("%d lives", pid)
		}
	}
	if _, err := os.Stat(h.folder + "/state"); !os.IsNotExist(err) {
		t.Fatal("the state is left")
	}
}

func TestAKilledSupervisorLeavesTheRolesToTheNext(t *testing.T) {
	h := newHouse(t, shell("one", "exec sleep 300"), shell("two", "exec sleep 300"))
	h.start()
	one, two := h.awaitRole("one", 0), h.awaitRole("two", 0)
	_ = h.process.Process.Kill()
	_ = h.process.Wait()
	_ = syscall.Kill(two, syscall.SIGKILL)
	eventually(t, func() bool { return !alive(two) })
	if !alive(one) {
		t.Fatal("a role died with the supervisor")
	}
	h.start()
	h.awaitRole("two", two)
	if h.pids()["one"] != one {
		t.Fatal("a role that ran was started again")
	}
	_ = syscall.Kill(one, syscall.SIGKILL)
	h.awaitRole("one", one)
}

func TestOrdersAreObeyed(t *testing.T) {
	h := newHouse(t, shell("one", "exec sleep 300"))
	h.start()
	first := h.awaitRole("one", 0)
	eventually(t, func() bool { _, err := os.Stat(h.folder + "/control"); return err == nil })
	h.order(fields{"op": "restart", "role": "one"})
	second := h.awaitRole("one", first)
	h.order(fields{"op": "stop", "role": "one"})
	eventually(t, func() bool { return !alive(second) && h.pids()["one"] == 0 })
	h.order(fields{"op": "start", "role": "one"})
	h.awaitRole("one", second)
	if h.order(fields{"op": "stop", "role": "nobody"})["ok"] != false {
		t.Fatal("an unknown role was stopped")
	}
}

func TestAChangedSpecificationIsReadOnHangup(t *testing.T) {
	h := newHouse(t, shell("one", "echo old; exec sleep 300"), shell("gone", "exec sleep 300"))
	h.start()
	one, gone := h.awaitRole("one", 0), h.awaitRole("gone", 0)
	h.write(shell("one", "echo new; exec sleep 300"), shell("fresh", "exec sleep 300"))
	_ = h.process.Process.Signal(syscall.SIGHUP)
	h.awaitRole("fresh", 0)
	eventually(t, func() bool { return !alive(gone) })
	if h.pids()["one"] != one {
		t.Fatal("a role was disturbed")
	}
	_ = syscall.Kill(one, syscall.SIGTERM)
	h.awaitRole("one", one)
	eventually(t, func() bool { return h.log("one") == "old\nnew\n" })
}

func TestLogsAreCutAndOlderOnesDropped(t *testing.T) {
	role := shell("loud", `i=0; while :; do i=$((i+1)); echo "line $i of a log that grows"; sleep 0.001; done`)
	role["log_max_bytes"], role["log_keep"] = 2000, 2
	h := newHouse(t, role)
	h.start()
	log := filepath.Join(h.folder, "loud.log")
	eventually(t, func() bool { _, err := os.Stat(log + ".2"); return err == nil })
	if _, err := os.Stat(log + ".3"); !os.IsNotExist(err) {
		t.Fatal("too many are kept")
	}
	for _, name := range []string{log + ".1", log + ".2"} {
		// Between two renames of a rotation a name is missing for a moment.
		eventually(t, func() bool { info, err := os.Stat(name); return err == nil && info.Size() <= 4000 })
	}
}

func TestRolesRunAsTheirUserInTheirNamespace(t *testing.T) {
	role := shell("who", "id -u; id -g; readlink /proc/self/ns/mnt; ulimit -n; exec sleep 300")
	role["uid"], role["gid"], role["groups"], role["nofile"] = 65534, 65534, []int{}, 4321
	holder := exec.Command("unshare", "--mount", "sleep", "300")
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Process.Kill(); _ = holder.Wait() }()
	own, _ := os.Readlink("/proc/self/ns/mnt")
	namespace := fmt.Sprintf("/proc/%d/ns/mnt", holder.Process.Pid)
	eventually(t, func() bool { other, err := os.Readlink(namespace); return err == nil && other != own })
	other, _ := os.Readlink(namespace)
	role["mount_namespace"] = namespace
	h := newHouse(t, role)
	h.start()
	eventually(t, func() bool { return h.log("who") == "65534\n65534\n"+other+"\n4321\n" })
}

func TestBadSpecificationsAreRefused(t *testing.T) {
	for _, role := range []fields{
		{"name": "../x", "command": []string{"/bin/true"}},
		{"name": "x", "command": []string{"true"}},
		{"name": "x", "command": []string{"/bin/true"}, "stop_signal": "SIGNO"},
		{"name": "x", "command": []string{"/bin/true"}, "after": []string{"y"}},
	} {
		h := newHouse(t)
		role["log"] = h.folder + "/log"
		h.write(role)
		h.start()
		if err := h.process.Wait(); err == nil {
			t.Fatalf("%v was accepted", role)
		}
		h.process = nil
	}
}
