package sshd

import (
	"errors"
	"io"
	"os"

	"github.com/pkg/sftp"
)

// standard joins the standard streams.
type standard struct {
	io.Reader
	io.WriteCloser
}

// serveFiles is the sftp subsystem: a process of its own, with the rights of its user.
func serveFiles() int {
	folder, err := os.Getwd()
	if err != nil {
		folder = "/"
	}
	server, err := sftp.NewServer(standard{os.Stdin, os.Stdout}, sftp.WithServerWorkingDirectory(folder))
	if err != nil {
		return 1
	}
	defer server.Close()
	if err := server.Serve(); err != nil && !errors.Is(err, io.EOF) {
		return 1
	}
	return 0
}
