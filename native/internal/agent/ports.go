package agent

import (
	"bufio"
	"io"
	"os"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	maxPorts     = 1024
	maxProcFile  = 4 << 20
	maxProcesses = 4096
	stateListen  = "0A"
	loopback6    = "00000000000000000000000001000000"
	mapped4      = "0000000000000000FFFF0000"
)

type portView struct {
	Port         int   `json:"port"`
	LoopbackOnly bool  `json:"loopback_only"`
	Pid          int   `json:"pid"`
	inode        int64 // of one of its sockets
}

type portsReply struct {
	OK    bool       `json:"ok"`
	Ports []portView `json:"ports"`
}

// ports answers what listens in the sandbox.
func (s *Server) ports(c *call) error {
	found, err := blocking(func() ([]portView, error) {
		views := map[int]portView{}
		listeners("/proc/net/tcp", views)
		listeners("/proc/net/tcp6", views)
		list := make([]portView, 0, len(views))
		for _, view := range views {
			list = append(list, view)
		}
		sort.Slice(list, func(i, j int) bool { return list[i].Port < list[j].Port })
		nameOwners(list)
		return list, nil
	})
	if err != nil {
		return err
	}
	return c.reply(portsReply{OK: true, Ports: found})
}

func listeners(table string, views map[int]portView) {
	file, err := os.Open(table)
	if err != nil {
		return
	}
	defer file.Close()
	lines := bufio.NewScanner(io.LimitReader(file, maxProcFile))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || fields[3] != stateListen {
			continue
		}
		address, portText, _ := strings.Cut(fields[1], ":")
		port, badPort := strconv.ParseUint(portText, 16, 16)
		inode, badInode := strconv.ParseInt(fields[9], 10, 64)
		if badPort != nil || badInode != nil {
			continue
		}
		view := portView{Port: int(port), LoopbackOnly: isLoopback(address), inode: inode}
		if old, known := views[view.Port]; known {
			view.LoopbackOnly = view.LoopbackOnly && old.LoopbackOnly
		} else if len(views) >= maxPorts {
			return
		}
		views[view.Port] = view
	}
}

// isLoopback reads an address as /proc shows it: 32-bit words in the machine's little-endian order.
func isLoopback(address string) bool {
	if len(address) == 8 {
		return strings.HasSuffix(address, "7F")
	}
	if rest, ok := strings.CutPrefix(address, mapped4); ok {
		return strings.HasSuffix(rest, "7F")
	}
	return address == loopback6
}

// nameOwners finds the processes that hold the sockets.
func nameOwners(list []portView) {
	wanted := make(map[string]int, len(list))
	for i, view := range list {
		wanted["socket:["+strconv.FormatInt(view.inode, 10)+"]"] = i
	}
	proc, err := os.Open("/proc")
	if err != nil {
		return
	}
	defer proc.Close()
	entries, _ := proc.Readdirnames(maxProcesses)
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry)
		if err != nil || len(wanted) == 0 {
			continue
		}
		claimSockets(pid, wanted, list)
	}
}

func claimSockets(pid int, wanted map[string]int, list []portView) {
	folder := "/proc/" + itoa(pid) + "/fd"
	descriptors, err := os.Open(folder)
	if err != nil {
		return
	}
	defer descriptors.Close()
	numbers, _ := descriptors.Readdirnames(maxProcesses)
	var link [64]byte
	for _, number := range numbers {
		n, err := unix.Readlink(folder+"/"+number, link[:])
		if err != nil {
			continue
		}
		if i, ok := wanted[string(link[:n])]; ok {
			list[i].Pid = pid
			delete(wanted, string(link[:n]))
		}
	}
}
