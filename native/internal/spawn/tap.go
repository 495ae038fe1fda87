package spawn

import (
	"fmt"
	"strings"
)

// tapInterface is the name under which a machine's emulator finds its interface.
const tapInterface = "vm0"

// makeTap makes an interface of a machine of its own in the slot's namespace, joined with the slot's eth0: what comes in
// at one goes out at the other, before anybody here has seen it. The address is the guest's; firewall and counters are at
// the host's end of eth0. All of it ends with the namespace.
func makeTap(r *Request) error {
	owner := r.UidBase + r.Tap.User
	if err := inNetwork(r.Tap.Network, strings.Join([]string{
		fmt.Sprintf("tuntap add dev %s mode tap user %d vnet_hdr", tapInterface, owner),
		fmt.Sprintf("link set %s up", tapInterface),
	}, "\n"), "-batch", "-"); err != nil {
		return err
	}
	var lines []string
	for _, each := range [][2]string{{"eth0", tapInterface}, {tapInterface, "eth0"}} {
		lines = append(lines,
			fmt.Sprintf("qdisc add dev %s ingress", each[0]),
			fmt.Sprintf("filter add dev %s parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev %s", each[0], each[1]))
	}
	return runInNetwork(r.Tap.Network, strings.Join(lines, "\n"), "tc", "-batch", "-")
}
