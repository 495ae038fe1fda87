package procfs

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ticks is the unit of /proc/stat: USER_HZ, the same on every architecture that Linux runs on today.
const ticks = 100

// cpuinfo is the kernel's text for as many processors as the sandbox has.
func (s *sources) cpuinfo() []byte {
	all := bytes.Split(bytes.TrimSpace(kernel(s.processor)), []byte("\n\n"))
	return append(bytes.Join(all[:s.processors(len(all))], []byte("\n\n")), "\n\n"...)
}

// processors is the share that the control group grants, rounded up to whole ones.
func (s *sources) processors(ofMachine int) int {
	var quota, period string
	if s.v2 {
		quota, period, _ = strings.Cut(string(s.group("cpu", "", "cpu.max")), " ")
	} else {
		quota = string(s.group("cpu", "cpu.cfs_quota_us", ""))
		period = string(s.group("cpu", "cpu.cfs_period_us", ""))
	}
	granted, err := strconv.ParseInt(quota, 10, 64)
	each, wrong := strconv.ParseInt(period, 10, 64)
	if err != nil || wrong != nil || granted <= 0 || each <= 0 {
		return ofMachine
	}
	return int(min(int64(ofMachine), (granted+each-1)/each))
}

// used is the processor time of all processes of the sandbox, ended ones too, in ticks.
func (s *sources) used() (user, system uint64) {
	stat := numbers(s.group("cpuacct", "cpuacct.stat", "cpu.stat"))
	if s.v2 {
		const perTick = 1_000_000 / ticks
		return stat["user_usec"] / perTick, stat["system_usec"] / perTick
	}
	return stat["user"], stat["system"]
}

// stat is /proc/stat of the processors that the sandbox has, each with an equal part of what was used: the kernel does not
// count for a group which one it ran on. Interrupts and the like are the machine's, and 0 here.
func (s *sources) stat() []byte {
	user, system := s.used()
	ofMachine := kernel(s.counters)
	// One line begins with "cpu " for all of them, and one for each with its number.
	count := uint64(s.processors(bytes.Count(ofMachine, []byte("\ncpu"))))
	passed := uint64(sinceBoot().Seconds()*ticks) * count
	// What is idle never becomes less, as programs expect who take differences.
	s.idle = max(s.idle, passed-min(passed, user+system))
	var text bytes.Buffer
	line := func(name string, share uint64) {
		fmt.Fprintf(&text, "%s %d 0 %d %d 0 0 0 0 0 0\n", name, user/share, system/share, s.idle/share)
	}
	line("cpu ", 1)
	for i := range count {
		line("cpu"+strconv.FormatUint(i, 10), count)
	}
	fmt.Fprintf(&text, "intr 0\nctxt 0\nbtime %d\nprocesses %s\nprocs_running 1\nprocs_blocked 0\nsoftirq 0\n",
		bootTime(ofMachine), s.lastProcess())
	return text.Bytes()
}

func bootTime(stat []byte) uint64 {
	_, rest, _ := bytes.Cut(stat, []byte("\nbtime "))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	seconds, _ := strconv.ParseUint(string(line), 10, 64)
	return seconds
}

// lastProcess is the number that was given last, which the kernel counts for each sandbox.
func (s *sources) lastProcess() string {
	words := bytes.Fields(kernel(s.load))
	if len(words) != 5 {
		return "0"
	}
	return string(words[4])
}

// loadavg counts the processors that were used instead of the tasks that wanted one, which the kernel does not count for a
// group. Of the running tasks only the reader is known.
func (s *sources) loadavg() []byte {
	user, system := s.used()
	one, five, fifteen := s.loads.after(time.Now(), float64(user+system)/ticks)
	tasks := max(1, s.number("pids", "pids.current", "pids.current"))
	return fmt.Appendf(nil, "%.2f %.2f %.2f 1/%d %s\n", one, five, fifteen, tasks, s.lastProcess())
}

// averages are exponentially damped over 1, 5 and 15 minutes like the kernel's, but only moved on when somebody asks:
// between two questions the use counts as even.
type averages struct {
	at   time.Time
	used float64 // seconds of processor time until then
	over [3]float64
}

func (a *averages) after(now time.Time, used float64) (one, five, fifteen float64) {
	passed := now.Sub(a.at).Seconds()
	if passed > 0 {
		rate := max(0, used-a.used) / passed
		for i, minutes := range []float64{1, 5, 15} {
			kept := math.Exp(-passed / (minutes * 60))
			a.over[i] = a.over[i]*kept + rate*(1-kept)
		}
		a.at, a.used = now, used
	}
	return a.over[0], a.over[1], a.over[2]
}
