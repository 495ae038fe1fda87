// Package vm runs a sandbox in a virtual machine: the monitor around the emulator on the host, and process 1 of the
// kernel inside. Between the two is one channel of bytes, a serial port, that carries all connections to the agent.
package vm

import (
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"time"

	"github.com/hashicorp/yamux"
)

const (
	portName     = "atoll.agent"
	maxFrame     = 64 << 10
	waiting      = 1024
	streamWindow = 1 << 20
	// The other side of a connection that was given up learns of it after so long at the latest.
	givenUp = time.Second
	// A machine may stand still for as long as it likes without losing a call.
	patience = 10 * 365 * 24 * time.Hour
)

func channelConfig() *yamux.Config {
	return &yamux.Config{
		AcceptBacklog:          waiting,
		KeepAliveInterval:      time.Hour,
		ConnectionWriteTimeout: patience,
		MaxStreamWindowSize:    streamWindow,
		StreamCloseTimeout:     givenUp,
		Logger:                 log.New(io.Discard, "", 0),
	}
}

// local is a connection whose two directions end one by one.
type local interface {
	net.Conn
	CloseWrite() error
}

var errGivenUp = errors.New("the other side gave up")

// join carries a connection over a stream of the channel, until both directions have ended or one side gave up. Each
// piece is preceded by its length, and length 0 is the end of a direction: the end of the stream itself means that a
// side gave up.
func join(conn local, stream net.Conn) {
	defer conn.Close()
	defer stream.Close()
	sent := make(chan error, 1)
	go func() {
		err := send(stream, conn)
		if err != nil {
			stream.Close()
			conn.Close()
		}
		sent <- err
	}()
	if receive(conn, stream) != nil {
		stream.Close()
		conn.Close()
	}
	<-sent
}

func send(stream io.Writer, conn io.Reader) error {
	buffer := make([]byte, 4+maxFrame)
	for {
		n, err := conn.Read(buffer[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(buffer, uint32(n))
			if _, err := stream.Write(buffer[:4+n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			_, err := stream.Write([]byte{0, 0, 0, 0})
			return err
		}
		if err != nil {
			return err
		}
	}
}

func receive(conn local, stream io.Reader) error {
	var head [4]byte
	buffer := make([]byte, maxFrame)
	for {
		if _, err := io.ReadFull(stream, head[:]); err != nil {
			return errGivenUp
		}
		size := binary.BigEndian.Uint32(head[:])
		if size == 0 {
			return conn.CloseWrite()
		}
		if size > maxFrame {
			return errGivenUp
		}
		if _, err := io.ReadFull(stream, buffer[:size]); err != nil {
			return errGivenUp
		}
		if _, err := conn.Write(buffer[:size]); err != nil {
			return err
		}
	}
}
