package procfs

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const maxText = 1 << 20

// sources are where the texts come from: control groups, and what the kernel itself says, whose files were opened before
// they were covered.
type sources struct {
	memory    *os.File
	processor *os.File
	counters  *os.File
	load      *os.File
	// groups is where the control groups are; v2 whether there is one hierarchy of them.
	groups string
	v2     bool
	idle   uint64
	loads  averages
}

// newSources has the kernel's files in the order of Names.
func newSources(kernel []*os.File) *sources {
	_, err := os.Stat(filepath.Join(place, "memory/memory.limit_in_bytes"))
	return &sources{
		memory:    kernel[0],
		counters:  kernel[1],
		load:      kernel[2],
		processor: kernel[3],
		groups:    place,
		v2:        err != nil,
		loads:     averages{at: time.Now()},
	}
}

// kernel is the whole of a file of /proc as it is now.
func kernel(file *os.File) []byte {
	if file == nil {
		return nil
	}
	text, _ := io.ReadAll(io.NewSectionReader(file, 0, maxText))
	return text
}

// group is a file of the control group: v1 names the controller, and v2 what it is called there.
func (s *sources) group(controller, v1, v2 string) []byte {
	path := filepath.Join(s.groups, v2)
	if !s.v2 {
		path = filepath.Join(s.groups, controller, v1)
	}
	text, _ := os.ReadFile(path)
	return bytes.TrimSpace(text)
}

// number is one of a control group; what has no bound is as large as can be.
func (s *sources) number(controller, v1, v2 string) uint64 {
	text := string(s.group(controller, v1, v2))
	if text == "max" {
		return math.MaxUint64
	}
	number, _ := strconv.ParseUint(text, 10, 64)
	return number
}

// numbers are lines of a name and a number.
func numbers(text []byte) map[string]uint64 {
	found := map[string]uint64{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		found[name], _ = strconv.ParseUint(value, 10, 64)
	}
	return found
}

// sinceBoot is how long the machine runs.
func sinceBoot() time.Duration {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &now)
	return time.Duration(now.Nano())
}
