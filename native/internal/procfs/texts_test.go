package procfs

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const ofMachine = `MemTotal:       24683652 kB
MemFree:        20283652 kB
MemAvailable:   22283652 kB
Cached:          1283652 kB
SwapTotal:       8388604 kB
VmallocTotal:   34359738367 kB
HugePages_Total:     512
Hugepagesize:       2048 kB
DirectMap1G:    22020096 kB
`

// sourcesOf reads control groups and the kernel's texts from a folder.
func sourcesOf(t *testing.T, v2 bool, files map[string]string) *sources {
	t.Helper()
	folder := t.TempDir()
	open := func(name string) *os.File {
		file, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			return nil
		}
		t.Cleanup(func() { file.Close() })
		return file
	}
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &sources{groups: folder, v2: v2, memory: open("meminfo"), processor: open("cpuinfo"), load: open("loadavg"), counters: open("counters")}
}

func lineOf(text []byte, name string) string {
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, name) {
			return strings.TrimSpace(strings.TrimPrefix(line, name))
		}
	}
	return ""
}

func TestMemoryIsThatOfTheControlGroup(t *testing.T) {
	v1 := sourcesOf(t, false, map[string]string{
		"meminfo":                      ofMachine,
		"memory/memory.limit_in_bytes": "2147483648\n",
		"memory/memory.usage_in_bytes": "1073741824\n",
		"memory/memory.stat":           "cache 1\ntotal_cache 536870912\ntotal_active_file 104857600\ntotal_inactive_file 209715200\n",
	})
	v2 := sourcesOf(t, true, map[string]string{
		"meminfo":        ofMachine,
		"memory.max":     "2147483648\n",
		"memory.current": "1073741824\n",
		"memory.stat":    "file 536870912\nactive_file 104857600\ninactive_file 104857600\nslab_reclaimable 104857600\nslab 104857600\n",
	})
	for name, s := range map[string]*sources{"v1": v1, "v2": v2} {
		text := s.meminfo()
		for line, want := range map[string]string{
			"MemTotal:": "2097152 kB", "MemFree:": "1048576 kB", "MemAvailable:": "1355776 kB", "Cached:": "524288 kB",
			"SwapTotal:": "0 kB", "VmallocTotal:": "34359738367 kB", "HugePages_Total:": "0", "Hugepagesize:": "2048 kB", "DirectMap1G:": "0 kB",
		} {
			if got := lineOf(text, line); got != want {
				t.Errorf("%s: %s %q, not %q", name, line, got, want)
			}
		}
	}
}

func TestWithoutALimitTheMemoryIsTheMachines(t *testing.T) {
	s := sourcesOf(t, true, map[string]string{"meminfo": ofMachine, "memory.max": "max\n", "memory.current": "4096\n"})
	if got := lineOf(s.meminfo(), "MemTotal:"); got != "24683652 kB" {
		t.Fatal(got)
	}
	// A group that says nothing has nothing, rather than what the machine has.
	if got := lineOf(sourcesOf(t, true, map[string]string{"meminfo": ofMachine}).meminfo(), "MemTotal:"); got != "0 kB" {
		t.Fatal(got)
	}
}

func TestProcessorsAreThoseThatAreGranted(t *testing.T) {
	cpuinfo := "processor\t: 0\nmodel\t: a\n\nprocessor\t: 1\nmodel\t: a\n\nprocessor\t: 2\nmodel\t: a\n\n"
	for quota, want := range map[string]int{"max 100000": 3, "50000 100000": 1, "150000 100000": 2, "900000 100000": 3, "nonsense": 3, "": 3} {
		s := sourcesOf(t, true, map[string]string{
			"cpuinfo": cpuinfo, "cpu.max": quota + "\n", "cpu.stat": "usage_usec 30000000\nuser_usec 20000000\nsystem_usec 10000000\n",
			"loadavg": "1.00 1.00 1.00 2/300 4711\n", "counters": "cpu  3 3 3\ncpu0 1 1 1\ncpu1 1 1 1\ncpu2 1 1 1\nbtime 1700000000\n",
		})
		if got := strings.Count(string(s.cpuinfo()), "processor\t:"); got != want {
			t.Errorf("%q: %d in cpuinfo", quota, got)
		}
		text := string(s.stat())
		if got := strings.Count(text, "\ncpu"); got != want {
			t.Errorf("%q: %q", quota, text)
		}
		if !strings.HasPrefix(text, "cpu  2000 0 1000 ") || lineOf([]byte(text), "btime") != "1700000000" || lineOf([]byte(text), "processes") != "4711" {
			t.Errorf("%q: %q", quota, text)
		}
	}
}

func TestALoadRisesAndFallsLikeTheKernels(t *testing.T) {
	began := time.Now()
	load := averages{at: began}
	one, five, fifteen := load.after(began.Add(time.Minute), 120)
	if math.Abs(one-2*(1-1/math.E)) > 0.01 || five >= one || fifteen >= five || fifteen <= 0 {
		t.Fatal(one, five, fifteen)
	}
	if again, _, _ := load.after(began.Add(time.Minute), 120); again != one {
		t.Fatal(again)
	}
	if later, _, _ := load.after(began.Add(10*time.Minute), 120); later > 0.001 {
		t.Fatal(later)
	}
}

func TestRequestsOfNoUseAreRefused(t *testing.T) {
	s := &server{files: []*file{{make: func() []byte { return []byte("text") }}}}
	request := func(code uint32, node uint64, body []byte) []byte {
		in := make([]byte, headerIn, headerIn+len(body))
		order.PutUint32(in[4:], code)
		order.PutUint64(in[16:], node)
		return s.answer(append(in, body...))
	}
	read := func(offset uint64, size uint32) []byte {
		body := make([]byte, 40)
		order.PutUint64(body[8:], offset)
		order.PutUint32(body[16:], size)
		return body
	}
	request(opGetattr, firstNode, nil)
	for name, c := range map[string]struct {
		reply []byte
		want  string
	}{
		"all":         {request(opRead, firstNode, read(0, 4096)), "text"},
		"a part":      {request(opRead, firstNode, read(1, 2)), "ex"},
		"behind":      {request(opRead, firstNode, read(math.MaxUint64, 4096)), ""},
		"a directory": {request(opRead, rootNode, read(0, 4096)), ""},
		"no node":     {request(opRead, 99, read(0, 4096)), ""},
		"too short":   {request(opRead, firstNode, []byte("x")), ""},
		"no such":     {request(opLookup, rootNode, []byte("shadow\x00")), ""},
		"below":       {request(opLookup, firstNode, []byte("meminfo\x00")), ""},
		"unknown":     {request(9999, rootNode, nil), ""},
	} {
		if int(order.Uint32(c.reply)) != len(c.reply) || string(c.reply[headerOut:]) != c.want {
			t.Errorf("%s: %q", name, c.reply)
		}
	}
	if s.answer([]byte("short")) != nil || request(opForget, firstNode, nil) != nil {
		t.Error("an answer that nobody waits for")
	}
}
