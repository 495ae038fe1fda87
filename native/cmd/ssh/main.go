// Command ssh answers one SSH connection inside a sandbox; the agent starts it.
package main

import (
	"os"

	"atoll.dev/native/internal/sshd"
)

func main() {
	os.Exit(sshd.Main(os.Args[1:]))
}
