package vm

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	guestInterface = "eth0"
	// The host's end of every pair.
	gatewayHardware = "\x02\x00\x00\x00\x00\x01"
	routeUp         = 1
	routeGateway    = 2
	routeHost       = 4
	neighborFixed   = 2 | 4 // complete, permanent
)

// configureNetwork does inside what the host does for a container: an address without a network, and one way out.
func configureNetwork(guest *Guest) error {
	address, gateway := net.ParseIP(guest.Address).To4(), net.ParseIP(guest.Gateway).To4()
	if address == nil || gateway == nil {
		return fmt.Errorf("no address")
	}
	for name, value := range map[string]string{"ip_unprivileged_port_start": "0", "ping_group_range": "0 2147483647"} {
		if err := os.WriteFile("/proc/sys/net/ipv4/"+name, []byte(value), 0); err != nil {
			return err
		}
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	n := &networker{socket: socket}
	n.up("lo")
	n.address(unix.SIOCSIFADDR, address)
	n.address(unix.SIOCSIFNETMASK, net.IPv4bcast.To4())
	n.up(guestInterface)
	n.neighbor(gateway)
	n.route(gateway, nil, routeUp|routeHost)
	n.route(net.IPv4zero.To4(), gateway, routeUp|routeGateway)
	return n.err
}

// networker remembers the first thing that went wrong.
type networker struct {
	socket int
	err    error
}

func (n *networker) ioctl(what string, request uint, argument unsafe.Pointer) {
	if n.err != nil {
		return
	}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(n.socket), uintptr(request), uintptr(argument)); errno != 0 {
		n.err = fmt.Errorf("%s: %w", what, errno)
	}
}

// socketAddress is a struct sockaddr_in.
type socketAddress [16]byte

func inet(ip net.IP) (made socketAddress) {
	binary.NativeEndian.PutUint16(made[:], unix.AF_INET)
	copy(made[4:], ip)
	return made
}

func (n *networker) up(name string) {
	request, err := unix.NewIfreq(name)
	if err != nil {
		n.err = err
		return
	}
	request.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(n.socket, unix.SIOCSIFFLAGS, request); err != nil && n.err == nil {
		n.err = fmt.Errorf("%s up: %w", name, err)
	}
}

func (n *networker) address(which uint, ip net.IP) {
	request, err := unix.NewIfreq(guestInterface)
	if err == nil {
		err = request.SetInet4Addr(ip)
	}
	if err == nil {
		err = unix.IoctlIfreq(n.socket, which, request)
	}
	if err != nil && n.err == nil {
		n.err = fmt.Errorf("address: %w", err)
	}
}

// neighbor is a struct arpreq.
func (n *networker) neighbor(ip net.IP) {
	var request struct {
		protocol, hardware socketAddress
		flags              int32
		mask               socketAddress
		device             [16]byte
	}
	request.protocol = inet(ip)
	binary.NativeEndian.PutUint16(request.hardware[:], unix.ARPHRD_ETHER)
	copy(request.hardware[2:], gatewayHardware)
	request.flags = neighborFixed
	copy(request.device[:], guestInterface)
	n.ioctl("neighbor", unix.SIOCSARP, unsafe.Pointer(&request))
}

// route is a struct rtentry.
func (n *networker) route(target, gateway net.IP, flags uint16) {
	device := []byte(guestInterface + "\x00")
	var request struct {
		_                     uint64
		target, gateway, mask socketAddress
		flags                 uint16
		_                     int16
		_                     uint64
		_                     uint64
		_                     int16
		_                     [3]int16
		device                *byte
		_                     uint64
		_                     uint64
		_                     uint16
	}
	request.target, request.gateway, request.mask = inet(target), inet(gateway), inet(net.IPv4zero.To4())
	request.flags, request.device = flags, &device[0]
	n.ioctl("route", unix.SIOCADDRT, unsafe.Pointer(&request))
}
