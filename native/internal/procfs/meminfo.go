package procfs

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// usage is what a control group says of its memory, in bytes; see memory.stat in the kernel's
// Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
type usage struct {
	limit, used uint64
	// cached holds what is in tmpfs (shared) too, as in /proc/meminfo.
	cached, shared, anonymous, large, mapped, dirty, writeback   uint64
	activeAnonymous, inactiveAnonymous, activeFile, inactiveFile uint64
	unevictable, reclaimable, slab, stacks, tables               uint64
}

func (s *sources) usage() usage {
	u := usage{
		limit: s.number("memory", "memory.limit_in_bytes", "memory.max"),
		used:  s.number("memory", "memory.usage_in_bytes", "memory.current"),
	}
	stat := numbers(s.group("memory", "memory.stat", "memory.stat"))
	if s.v2 {
		u.cached, u.shared, u.anonymous, u.large = stat["file"], stat["shmem"], stat["anon"], stat["anon_thp"]
		u.mapped, u.dirty, u.writeback = stat["file_mapped"], stat["file_dirty"], stat["file_writeback"]
		u.reclaimable, u.slab = stat["slab_reclaimable"], stat["slab"]
		u.stacks, u.tables = stat["kernel_stack"], stat["pagetables"]
		u.ages(stat, "")
		return u
	}
	u.cached, u.shared, u.anonymous, u.large = stat["total_cache"], stat["total_shmem"], stat["total_rss"], stat["total_rss_huge"]
	u.mapped, u.dirty, u.writeback = stat["total_mapped_file"], stat["total_dirty"], stat["total_writeback"]
	u.ages(stat, "total_")
	return u
}

func (u *usage) ages(stat map[string]uint64, prefix string) {
	u.activeAnonymous, u.inactiveAnonymous = stat[prefix+"active_anon"], stat[prefix+"inactive_anon"]
	u.activeFile, u.inactiveFile = stat[prefix+"active_file"], stat[prefix+"inactive_file"]
	u.unevictable = stat[prefix+"unevictable"]
}

// meminfo is the kernel's text with the numbers of the sandbox. It has no swap, and lines that are about what only
// machines have are 0.
func (s *sources) meminfo() []byte {
	return meminfo(kernel(s.memory), s.usage())
}

func meminfo(kernel []byte, u usage) []byte {
	lines := strings.Split(strings.TrimSpace(string(kernel)), "\n")
	total := min(u.limit, kilobytes(lines[0])<<10)
	free := total - min(total, u.used)
	own := map[string]uint64{
		"MemTotal":       total,
		"MemFree":        free,
		"MemAvailable":   min(total, free+u.activeFile+u.inactiveFile+u.reclaimable),
		"Cached":         u.cached,
		"Active":         u.activeAnonymous + u.activeFile,
		"Inactive":       u.inactiveAnonymous + u.inactiveFile,
		"Active(anon)":   u.activeAnonymous,
		"Inactive(anon)": u.inactiveAnonymous,
		"Active(file)":   u.activeFile,
		"Inactive(file)": u.inactiveFile,
		"Unevictable":    u.unevictable,
		"Mlocked":        u.unevictable,
		"Dirty":          u.dirty,
		"Writeback":      u.writeback,
		"AnonPages":      u.anonymous,
		"AnonHugePages":  u.large,
		"Mapped":         u.mapped,
		"Shmem":          u.shared,
		"KReclaimable":   u.reclaimable,
		"SReclaimable":   u.reclaimable,
		"SUnreclaim":     u.slab - min(u.slab, u.reclaimable),
		"Slab":           u.slab,
		"KernelStack":    u.stacks,
		"PageTables":     u.tables,
		"CommitLimit":    total,
		"Committed_AS":   u.anonymous + u.shared,
	}
	var text bytes.Buffer
	for _, line := range lines {
		name, value, found := strings.Cut(line, ":")
		if !found {
			continue
		}
		switch name {
		case "VmallocTotal", "Hugepagesize":
			text.WriteString(line)
		default:
			fmt.Fprintf(&text, "%-16s%8d", name+":", own[name]>>10)
			if strings.HasSuffix(value, " kB") {
				text.WriteString(" kB")
			}
		}
		text.WriteByte('\n')
	}
	return text.Bytes()
}

// kilobytes is the number of a line like "MemTotal:  24683652 kB".
func kilobytes(line string) uint64 {
	words := strings.Fields(line)
	if len(words) < 2 {
		return 0
	}
	number, _ := strconv.ParseUint(words[1], 10, 64)
	return number
}
