package vm

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/yamux"
)

// Try starts a machine without files and network, and waits until its process 1 answers: a host may have a KVM that
// runs no kernel of a distribution. Nothing of a tenant's is in it. The
// emulator's own libraries are used, not the host's.
func Try(root, initrd, accelerator string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	ours, theirs, err := serialPort()
	if err != nil {
		return err
	}
	defer ours.Close()
	m := &Machine{
		MemoryMb: 256, Processors: 1, Accelerator: accelerator, Initrd: initrd,
		Kernel: filepath.Join(root, "boot/vmlinuz"),
	}
	words := []string{
		"--library-path", libraries(root), filepath.Join(root, emulatorPath), "-L", filepath.Join(root, firmwarePath),
	}
	console := &tail{}
	command := exec.CommandContext(ctx, filepath.Join(root, "lib64/ld-linux-x86-64.so.2"), append(words, emulator(m, nil, true)...)...)
	command.Env = []string{"PATH=/usr/bin:/bin", "QEMU_MODULE_DIR=" + filepath.Join(root, "usr/lib/x86_64-linux-gnu/qemu")}
	command.ExtraFiles = []*os.File{theirs}
	command.Stdout, command.Stderr = console, console
	if err := begin(command); err != nil {
		return err
	}
	theirs.Close()
	conn, err := net.FileConn(ours)
	if err != nil {
		return err
	}
	answered := make(chan error, 1)
	go func() { answered <- ask(conn) }()
	gone := make(chan error, 1)
	go func() { gone <- command.Wait() }()
	select {
	case err = <-answered:
		cancel()
		<-gone
	case err = <-gone:
		err = fmt.Errorf("the emulator ended: %v", err)
	}
	if err != nil {
		if ctx.Err() == context.DeadlineExceeded {
			err = fmt.Errorf("no answer within %v", limit)
		}
		return fmt.Errorf("%w\n%s", err, console.text())
	}
	return nil
}

func ask(conn net.Conn) error {
	session, err := yamux.Client(conn, channelConfig())
	if err != nil {
		return err
	}
	stream, err := session.OpenStream()
	if err != nil {
		return err
	}
	return settle(stream, &Guest{Try: true})
}

func libraries(root string) string {
	var folders []string
	for _, each := range []string{"lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64"} {
		folders = append(folders, filepath.Join(root, each))
	}
	return strings.Join(folders, ":")
}
