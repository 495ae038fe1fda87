// Command supervise keeps the processes of an installation running.
package main

import (
	"flag"
	"fmt"
	"os"

	"atoll.dev/native/internal/supervise"
)

func main() {
	spec := flag.String("spec", "", "specification (or the only argument)")
	control := flag.String("control", "", "Unix socket to take orders at")
	flag.Parse()
	if *spec == "" {
		*spec = flag.Arg(0)
	}
	if *spec == "" || flag.NArg() > 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*spec, *control); err != nil {
		fmt.Fprintln(os.Stderr, "supervise:", err)
		os.Exit(1)
	}
}

func run(spec, control string) error {
	supervisor, err := supervise.New(spec)
	if err != nil {
		return err
	}
	if control != "" {
		if err := supervisor.Control(control); err != nil {
			return err
		}
	}
	return supervisor.Run()
}
