// Command spawn is the fork server of a node.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"atoll.dev/native/internal/spawn"
)

func main() {
	socket := flag.String("socket", "", "Unix socket to listen at")
	flag.Parse()
	if *socket == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := serve(*socket); err != nil {
		fmt.Fprintln(os.Stderr, "spawn:", err)
		os.Exit(1)
	}
}

func serve(socket string) error {
	listener, err := spawn.Listen(socket)
	if err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		listener.Close()
	}()
	spawn.ShieldAgents()
	return spawn.NewServer().Serve(listener)
}
