package sshd_test

import (
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestOnlyCertificatesForExactlyThisSandboxOpen(t *testing.T) {
	g := startGuest(t)
	for name, signer := range map[string]ssh.Signer{
		"a bare key":        newKey(t),
		"another authority": g.certifiedBy(newKey(t)),
		"another sandbox":   g.certified(func(c *ssh.Certificate) { c.ValidPrincipals = []string{"sandbox-sbx_other"} }),
		"several sandboxes": g.certified(func(c *ssh.Certificate) { c.ValidPrincipals = []string{principal, "sandbox-sbx_other"} }),
		"a host":            g.certified(func(c *ssh.Certificate) { c.CertType = ssh.HostCert }),
		"the past": g.certified(func(c *ssh.Certificate) {
			c.ValidBefore = uint64(time.Now().Add(-time.Second).Unix())
		}),
		"the future": g.certified(func(c *ssh.Certificate) {
			c.ValidAfter = uint64(time.Now().Add(30 * time.Second).Unix())
		}),
		"one command": g.certified(func(c *ssh.Certificate) {
			c.CriticalOptions = map[string]string{"force-command": "true"}
		}),
		"an address": g.certified(func(c *ssh.Certificate) {
			c.CriticalOptions = map[string]string{"source-address": "127.0.0.1"}
		}),
	} {
		if client, err := g.dial(signer); err == nil {
			client.Close()
			t.Errorf("a certificate for %s was let in", name)
		}
	}
	g.enter()
}

func TestKeysOfThisSandboxOpen(t *testing.T) {
	g := startGuest(t)
	key := newKey(t)
	g.keys = []string{"not a key", line(key.PublicKey()) + " of somebody"}
	client, err := g.dial(key)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}

func TestACertificateGivesNoMoreThanItSays(t *testing.T) {
	g := startGuest(t)
	client, err := g.dial(g.certified(func(c *ssh.Certificate) { c.Extensions = nil }))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := session(t, client).RequestPty("xterm", 24, 80, ssh.TerminalModes{}); err == nil {
		t.Error("a terminal was given")
	}
	if _, err := client.Dial("tcp", "127.0.0.1:1"); err == nil || !isRefusal(err, ssh.Prohibited) {
		t.Errorf("forwarding: %v", err)
	}
}

func TestAWrongUserIsRefused(t *testing.T) {
	g := startGuest(t)
	conn, answer := g.call("ssh", map[string]any{
		"host_key": g.seed, "authority": line(g.authority.PublicKey()), "principal": principal,
	})
	if answer["ok"] != true {
		t.Fatal(answer)
	}
	_, _, _, err := ssh.NewClientConn(conn, "sandbox", &ssh.ClientConfig{
		User: "nobody-here", Auth: []ssh.AuthMethod{ssh.PublicKeys(g.certified())},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err == nil {
		t.Error("a user that does not exist was let in")
	}
}
