// Command vm is what stands around the kernel of a machine of its own: on the host it makes its first file system,
// tries the machine out and keeps it running; inside, as /init, it is process 1 of that kernel.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"atoll.dev/native/internal/vm"
)

func main() {
	if len(os.Args) > 0 && os.Args[0] == vm.InitName {
		vm.Inside(os.Args[1:])
		return
	}
	if len(os.Args) < 2 {
		usage()
	}
	var err error
	switch os.Args[1] {
	case "pack":
		err = pack(os.Args[2:])
	case "try":
		err = try(os.Args[2:])
	case "monitor":
		if len(os.Args) != 3 {
			usage()
		}
		err = vm.Monitor(os.Args[2])
	default:
		usage()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vm:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: vm pack|try OPTIONS, vm monitor JSON")
	os.Exit(2)
}

func pack(arguments []string) error {
	options := flag.NewFlagSet("pack", flag.ExitOnError)
	modules := options.String("modules", "", "folder of kernel modules, with a file list that names them in their order")
	agent := options.String("agent", "", "the guest agent")
	out := options.String("out", "", "file to write")
	_ = options.Parse(arguments)
	return vm.Pack(*modules, *agent, *out)
}

func try(arguments []string) error {
	options := flag.NewFlagSet("try", flag.ExitOnError)
	root := options.String("root", "", "folder of the emulator")
	initrd := options.String("initrd", "", "the first file system")
	accelerator := options.String("accelerator", "kvm", "kvm, or tcg in tests")
	limit := options.Duration("limit", 20*time.Second, "how long it may take")
	_ = options.Parse(arguments)
	return vm.Try(*root, *initrd, *accelerator, *limit)
}
