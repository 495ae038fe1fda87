package sshd_test

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

const principal = "sandbox-sbx_test"

var agentBinary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "sshd-test-")
	if err != nil {
		panic(err)
	}
	build := exec.Command("../../build", folder)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	agentBinary = filepath.Join(folder, "agent")
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// guest is a running agent, with keys for its SSH server.
type guest struct {
	t         *testing.T
	socket    string
	authority ssh.Signer
	seed      []byte
	keys      []string
}

func startGuest(t *testing.T) *guest {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "g.sock")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	file, err := listener.File()
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	defer file.Close()
	cmd := exec.Command(agentBinary)
	cmd.ExtraFiles = []*os.File{file}
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return &guest{t: t, socket: socket, authority: newKey(t), seed: newSeed(t)}
}

func newSeed(t *testing.T) []byte {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := rand.Read(seed); err != nil {
		t.Fatal(err)
	}
	return seed
}

func newKey(t *testing.T) ssh.Signer {
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(newSeed(t)))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func line(key ssh.PublicKey) string { return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) }

// call makes a connection and sends one header.
func (g *guest) call(name string, arguments map[string]any) (net.Conn, map[string]any) {
	g.t.Helper()
	conn, err := net.Dial("unix", g.socket)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	arguments["v"], arguments["call"] = 1, name
	header, _ := json.Marshal(arguments)
	if _, err := conn.Write(append(header, '\n')); err != nil {
		g.t.Fatal(err)
	}
	// The server speaks first: not a byte more than the line may be taken.
	var answer []byte
	in := bufio.NewReaderSize(oneByte{conn}, 16)
	for {
		b, err := in.ReadByte()
		if err != nil {
			g.t.Fatalf("no answer: %v", err)
		}
		if b == '\n' {
			break
		}
		answer = append(answer, b)
	}
	parsed := map[string]any{}
	if err := json.Unmarshal(answer, &parsed); err != nil {
		g.t.Fatalf("%q: %v", answer, err)
	}
	return conn, parsed
}

type oneByte struct{ net.Conn }

func (o oneByte) Read(into []byte) (int, error) { return o.Conn.Read(into[:1]) }

// dial comes by SSH with this key as root.
func (g *guest) dial(signer ssh.Signer) (*ssh.Client, error) {
	g.t.Helper()
	conn, answer := g.call("ssh", map[string]any{
		"host_key": g.seed, "authority": line(g.authority.PublicKey()), "principal": principal, "keys": g.keys,
	})
	if answer["ok"] != true {
		g.t.Fatalf("ssh: %v", answer)
	}
	want, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(g.seed))
	if err != nil {
		g.t.Fatal(err)
	}
	client, channels, requests, err := ssh.NewClientConn(conn, "sandbox", &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback: ssh.FixedHostKey(want.PublicKey()),
	})
	if err != nil {
		return nil, err
	}
	return ssh.NewClient(client, channels, requests), nil
}

// certified is a key with a certificate that opens the door, changed by each change.
func (g *guest) certified(changes ...func(*ssh.Certificate)) ssh.Signer {
	return g.certifiedBy(g.authority, changes...)
}

func (g *guest) certifiedBy(authority ssh.Signer, changes ...func(*ssh.Certificate)) ssh.Signer {
	g.t.Helper()
	key := newKey(g.t)
	certificate := &ssh.Certificate{
		Key: key.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{principal},
		ValidBefore: uint64(time.Now().Add(time.Minute).Unix()),
		Permissions: ssh.Permissions{Extensions: map[string]string{"permit-pty": "", "permit-port-forwarding": ""}},
	}
	for _, change := range changes {
		change(certificate)
	}
	if err := certificate.SignCert(rand.Reader, authority); err != nil {
		g.t.Fatal(err)
	}
	signer, err := ssh.NewCertSigner(certificate, key)
	if err != nil {
		g.t.Fatal(err)
	}
	return signer
}

func (g *guest) enter() *ssh.Client {
	g.t.Helper()
	client, err := g.dial(g.certified())
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { client.Close() })
	return client
}

func session(t *testing.T, client *ssh.Client) *ssh.Session {
	t.Helper()
	s, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
