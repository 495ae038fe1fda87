//go:build with_ssh

package main

import (
	"embed"
	"io/fs"

	"atoll.dev/native/internal/agent"
)

// The SSH server is carried as data: linked in, its packages would make every start of an agent slower and
// larger. Pages of it are read when somebody comes by SSH.
//
//go:embed target/ssh
var carried embed.FS

var sshServer agent.Program = func() (fs.File, error) { return carried.Open("target/ssh") }
