package vm

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	emulatorPath = "/usr/bin/qemu-system-x86_64"
	firmwarePath = "/usr/share/qemu"
	// No machine runs machines of its own. A processor with five levels of page tables has a kernel that uses four take
	// all of its own addresses for wrong ones: every path in /proc would read xxxx.
	processor = "max,vmx=off,svm=off,la57=off"
	// Without KVM the emulator does everything itself, at a tenth of the speed; tests only.
	emulation = "tcg"
	// The guest's interface has the address that its end of the pair had: the host knows no other.
	guestHardware = "02:00:00:00:00:02"
	commandLine   = "panic=-1 reboot=t ipv6.disable=1 random.trust_cpu=on cryptomgr.notests rcupdate.rcu_expedited=1"
)

// share is a directory that the guest mounts by its tag.
type share struct {
	tag    string
	socket string
}

// emulator is the command that runs the machine; its serial port is the descriptor 3.
func emulator(m *Machine, shares []share, console bool) []string {
	memory := strconv.Itoa(m.MemoryMb) + "M"
	accelerator, commandLine := m.Accelerator, commandLine
	if accelerator == emulation {
		accelerator += ",tb-size=64"
		commandLine += clockRate()
	}
	words := []string{
		"-M", "microvm,acpi=on,rtc=on,pcie=off,usb=off,isa-serial=" + onOff(console) + ",auto-kernel-cmdline=off,memory-backend=memory",
		"-accel", accelerator, "-cpu", processor, "-smp", strconv.Itoa(m.Processors), "-m", memory,
		"-object", "memory-backend-memfd,id=memory,share=on,size=" + memory,
		"-global", "virtio-mmio.force-legacy=false", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-monitor", "none", "-parallel", "none",
		"-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
		"-kernel", m.Kernel, "-initrd", m.Initrd,
		"-device", "virtio-serial-device", "-chardev", "socket,id=agent,fd=3",
		"-device", "virtserialport,chardev=agent,name=" + portName,
	}
	if console {
		words = append(words, "-serial", "stdio", "-append", "console=ttyS0 "+commandLine)
	} else {
		words = append(words, "-serial", "none", "-append", "quiet loglevel=0 "+commandLine)
	}
	for _, each := range shares {
		words = append(words, "-chardev", "socket,id="+each.tag+",path="+each.socket,
			"-device", "vhost-user-fs-device,chardev="+each.tag+",tag="+each.tag+",queue-size=1024")
	}
	if m.Interface != "" {
		words = append(words,
			"-netdev", "tap,id=network,ifname="+m.Interface+",script=no,downscript=no,vhost=off",
			"-device", "virtio-net-device,netdev=network,mac="+guestHardware)
	}
	return words
}

func onOff(value bool) string {
	if value {
		return "on"
	}
	return "off"
}

// clockRate tells a kernel under emulation how fast its clock ticks: as the host's does, and the machine has no other
// clock to measure it by.
func clockRate() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for _, each := range strings.Split(string(text), "\n") {
		name, value, _ := strings.Cut(each, ":")
		if strings.TrimSpace(name) != "cpu MHz" {
			continue
		}
		if megahertz, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
			return fmt.Sprintf(" tsc=reliable tsc_early_khz=%d", int(megahertz*1000))
		}
	}
	return ""
}

// serialPort is two ends of a channel: ours, and one for the emulator.
func serialPort() (ours, theirs *os.File, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("serial port: %w", err)
	}
	return os.NewFile(uintptr(pair[0]), "serial"), os.NewFile(uintptr(pair[1]), "serial"), nil
}

// begin starts a program that ends when this one does.
func begin(command *exec.Cmd) error {
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL
	if command.Env == nil {
		command.Env = []string{"PATH=/usr/bin:/bin"}
	}
	return command.Start()
}
