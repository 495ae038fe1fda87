// Package sshd is the SSH server of a sandbox: one process for one connection, which it is handed as descriptor 3.
// What it may accept it is told on descriptor 4, by the agent, for this connection alone.
package sshd

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"

	"atoll.dev/native/internal/agent"
)

const (
	maxSettings   = 2 << 20
	handshakeTime = 30 * time.Second
	sftpArgument  = "sftp"
)

// Main is the program; its result is the exit code.
func Main(arguments []string) int {
	if len(arguments) == 1 && arguments[0] == sftpArgument {
		return serveFiles()
	}
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "ssh:", err)
		return 1
	}
	return 0
}

func serve() error {
	for fd := 3; fd <= 5; fd++ { // Nothing that is started from here is to have them.
		syscall.CloseOnExec(fd)
	}
	file := os.NewFile(3, "connection")
	conn, err := net.FileConn(file)
	file.Close()
	if err != nil {
		return fmt.Errorf("a socket is expected as descriptor 3: %w", err)
	}
	defer conn.Close()
	told := os.NewFile(4, "settings")
	var settings agent.SSHSettings
	err = json.NewDecoder(io.LimitReader(told, maxSettings)).Decode(&settings)
	told.Close()
	if err != nil {
		return fmt.Errorf("settings are expected on descriptor 4: %w", err)
	}
	return Answer(conn, settings)
}

// Answer serves one connection until it ends.
func Answer(conn net.Conn, settings agent.SSHSettings) error {
	config, err := configuration(settings)
	if err != nil {
		return err
	}
	_ = conn.SetDeadline(time.Now().Add(handshakeTime))
	client, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return err
	}
	defer client.Close()
	_ = conn.SetDeadline(time.Time{})
	who, err := agent.LookupAccount(client.User())
	if err != nil {
		return err
	}
	go ssh.DiscardRequests(requests)
	visit := &visit{who: who, env: settings.Env, may: client.Permissions.Extensions}
	for offered := range channels {
		visit.take(offered)
	}
	visit.channels.Wait() // Their programs are told that the client is gone.
	return nil
}
