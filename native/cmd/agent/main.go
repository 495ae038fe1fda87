// Command agent is process 1 of a sandbox.
package main

import (
	"os"

	"atoll.dev/native/internal/agent"
)

// version is set when the release is built.
var version = "dev"

func main() {
	agent.Main(version, sshServer, os.Args[1:])
}
