package sshd

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"

	"atoll.dev/native/internal/agent"
)

const (
	mayHaveTerminal = "permit-pty"
	mayForward      = "permit-port-forwarding"
	maxTries        = 12
)

var errNotLetIn = errors.New("this key does not open this sandbox")

// door decides who comes in.
type door struct {
	authority ssh.PublicKey
	principal string
	keys      [][]byte
	checker   ssh.CertChecker
}

func configuration(settings agent.SSHSettings) (*ssh.ServerConfig, error) {
	host, err := hostKey(settings)
	if err != nil {
		return nil, err
	}
	authority, _, _, _, err := ssh.ParseAuthorizedKey([]byte(settings.Authority))
	if err != nil {
		return nil, fmt.Errorf("the authority: %w", err)
	}
	if settings.Principal == "" {
		return nil, errors.New("there is no principal")
	}
	d := &door{authority: authority, principal: settings.Principal}
	for _, line := range settings.Keys {
		if key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line)); err == nil {
			d.keys = append(d.keys, key.Marshal())
		}
	}
	config := &ssh.ServerConfig{
		PublicKeyCallback: d.admit,
		MaxAuthTries:      maxTries,
		ServerVersion:     "SSH-2.0-Atoll",
	}
	for _, key := range host {
		config.AddHostKey(key)
	}
	return config, nil
}

// hostKey is the key of the sandbox: bare, and with the certificate of its organization.
func hostKey(settings agent.SSHSettings) ([]ssh.Signer, error) {
	if len(settings.HostKey) != ed25519.SeedSize {
		return nil, errors.New("the host key is not a seed")
	}
	bare, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(settings.HostKey))
	if err != nil || settings.HostCertificate == "" {
		return []ssh.Signer{bare}, err
	}
	parsed, _, _, _, err := ssh.ParseAuthorizedKey([]byte(settings.HostCertificate))
	if err != nil {
		return nil, fmt.Errorf("the host certificate: %w", err)
	}
	certificate, ok := parsed.(*ssh.Certificate)
	if !ok {
		return nil, errors.New("the host certificate is a bare key")
	}
	certified, err := ssh.NewCertSigner(certificate, bare)
	return []ssh.Signer{certified, bare}, err
}

// admit lets in a certificate of the authority for exactly this principal, and the keys that were named.
func (d *door) admit(conn ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	if _, err := agent.LookupAccount(conn.User()); err != nil {
		return nil, err
	}
	certificate, certified := key.(*ssh.Certificate)
	if !certified {
		return d.admitKey(key)
	}
	if certificate.CertType != ssh.UserCert ||
		!bytes.Equal(certificate.SignatureKey.Marshal(), d.authority.Marshal()) ||
		len(certificate.ValidPrincipals) != 1 || certificate.ValidPrincipals[0] != d.principal {
		return nil, errNotLetIn
	}
	if err := d.checker.CheckCert(d.principal, certificate); err != nil {
		return nil, err
	}
	return &ssh.Permissions{Extensions: certificate.Extensions}, nil
}

func (d *door) admitKey(key ssh.PublicKey) (*ssh.Permissions, error) {
	blob := key.Marshal()
	for _, known := range d.keys {
		if bytes.Equal(known, blob) {
			return &ssh.Permissions{Extensions: map[string]string{mayHaveTerminal: "", mayForward: ""}}, nil
		}
	}
	return nil, errNotLetIn
}
