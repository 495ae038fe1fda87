package spawn

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	commandTime    = 10 * time.Second
	mostNetworks   = 32                  // one for each container inside
	gatewayAddress = "02:00:00:00:00:01" // the host's end of every pair
)

// delegated are the files of a control group by which its new owner makes groups below it. Those that limit
// the group itself stay root's.
var delegated = []string{"", "cgroup.procs", "tasks", "cgroup.threads", "cgroup.subtree_control"}

// owned are the namespaces of one container that may do in them what it likes. They are not kept: the next
// owner of the range must not find settings of this one.
type owned struct {
	users   int
	network int
}

func (o *owned) close() {
	unix.Close(o.users)
	unix.Close(o.network)
}

// own makes a user namespace and a network namespace that belongs to it, and moves the slot's interface there.
func own(r *Request) (*owned, error) {
	holder, err := holdOwnedBy(idRange{r.UidBase, r.UidCount}, unix.CLONE_NEWUSER|unix.CLONE_NEWNET)
	if err != nil {
		return nil, failure("NAMESPACE_FAILED", "own namespaces: %v", err)
	}
	defer holder.end()
	if err := boundNetworks(holder.pid); err != nil {
		return nil, err
	}
	if err := moveInterface(r.Nesting, holder.pid); err != nil {
		return nil, err
	}
	users, err := holder.namespace("user")
	if err != nil {
		return nil, failure("NAMESPACE_FAILED", "%v", err)
	}
	network, err := holder.namespace("net")
	if err != nil {
		unix.Close(users)
		return nil, failure("NAMESPACE_FAILED", "%v", err)
	}
	return &owned{users, network}, nil
}

// boundNetworks bounds the network namespaces that the container can make: the kernel keeps up to nf_conntrack_max
// connections of each, at nobody's expense. Root inside has no CAP_SYS_RESOURCE, which changes this.
func boundNetworks(pid int) error {
	var output strings.Builder
	command := exec.Command("nsenter", "--user=/proc/"+strconv.Itoa(pid)+"/ns/user", "--",
		"sh", "-c", "echo "+strconv.Itoa(mostNetworks)+" > /proc/sys/user/max_net_namespaces")
	command.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	command.Stderr = &limited{to: &output, left: maxLog}
	if err := runFor(command, commandTime); err != nil {
		return failure("NAMESPACE_FAILED", "bounding networks: %s (%v)", strings.TrimSpace(output.String()), err)
	}
	return nil
}

func moveInterface(n *Nesting, pid int) error {
	target := "/proc/" + strconv.Itoa(pid) + "/ns/net"
	if _, err := onOwnThread(func() (int, error) { return 0, withoutIpv6(target) }); err != nil {
		return failure("NAMESPACE_FAILED", "settings of the network: %v", err)
	}
	if err := inNetwork(n.Network, "", "link", "set", "eth0", "netns", strconv.Itoa(pid)); err != nil {
		return err
	}
	return inNetwork(target, strings.Join([]string{
		"link set lo up",
		"link set eth0 up",
		fmt.Sprintf("address add %s/32 dev eth0", n.Address),
		fmt.Sprintf("neighbor add %s lladdr %s dev eth0 nud permanent", n.Gateway, gatewayAddress),
		fmt.Sprintf("route add %s dev eth0 scope link src %s", n.Gateway, n.Address),
		fmt.Sprintf("route add default via %s dev eth0", n.Gateway),
	}, "\n"), "-batch", "-")
}

// withoutIpv6 turns it off where the calling thread then is. The host drops what is not IPv4 in any case.
func withoutIpv6(namespace string) error {
	fd, err := unix.Open(namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
		return err
	}
	for _, scope := range []string{"all", "default"} {
		err := os.WriteFile("/proc/sys/net/ipv6/conf/"+scope+"/disable_ipv6", []byte("1"), 0)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// inNetwork runs ip in a network namespace.
func inNetwork(namespace, input string, arguments ...string) error {
	return runInNetwork(namespace, input, "ip", arguments...)
}

func runInNetwork(namespace, input, program string, arguments ...string) error {
	var output strings.Builder
	command := exec.Command("nsenter", append([]string{"--net=" + namespace, program}, arguments...)...)
	command.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	command.Stdin = strings.NewReader(input)
	command.Stderr = &limited{to: &output, left: maxLog}
	if err := runFor(command, commandTime); err != nil {
		return failure("NAMESPACE_FAILED", "%s %s: %s (%v)", program, strings.Join(arguments, " "), strings.TrimSpace(output.String()), err)
	}
	return nil
}

// makeRoom is the part of the tree on which the container's own overlays can lie: its root is an overlay already.
func makeRoom(r *Request) error {
	room := filepath.Join(filepath.Dir(r.Overlay.Upper), "d")
	if err := os.Mkdir(room, 0o710); err != nil && !os.IsExist(err) {
		return failure("MOUNT_FAILED", "%s: %v", room, err)
	}
	return nil
}

// delegate lets the container make control groups below its own.
func delegate(r *Request) error {
	var groups []string
	for _, pattern := range []string{"/sys/fs/cgroup/*", "/sys/fs/cgroup"} {
		found, err := filepath.Glob(filepath.Join(pattern, r.Nesting.Cgroup))
		if err != nil {
			return err
		}
		groups = append(groups, found...)
	}
	for _, group := range groups {
		for _, name := range delegated {
			err := os.Lchown(filepath.Join(group, name), int(r.UidBase), int(r.UidBase))
			if err != nil && !os.IsNotExist(err) {
				return failure("RUNTIME_FAILED", "%s: %v", group, err)
			}
		}
	}
	return nil
}
