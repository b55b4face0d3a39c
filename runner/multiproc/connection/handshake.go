package connection

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The proof is the three-pass mutual authentication of ISO/IEC 9798-4 (5.2.2
// there), with HMAC (RFC 2104) over SHA-256 as the check function:
//
//	server → client   greeting, server's nonce
//	client → server   greeting, client's nonce, MAC of the client
//	server → client   MAC of the server
//
// A MAC covers the protocol with its version, the role of who made it, both
// nonces and, under TLS, what is unique to the channel (RFC 9266). So a proof
// is good for one run only (both nonces are fresh), on one side only (the
// role), on one encrypted channel only. The client goes first: a stranger who
// connects learns no MAC that he could try keys on.
//
// All messages have a fixed size, so that nothing a stranger says makes the
// other side take memory.
const (
	greeting  = "gvp-mp1\n" // names protocol and version
	nonceSize = 32
	macSize   = sha256.Size

	challengeSize = len(greeting) + nonceSize
	responseSize  = challengeSize + macSize
)

// A role is a side of the handshake.
type role byte

const (
	client role = 'C'
	server role = 'S'
)

// ErrAuth is wrapped by the errors about another side that did not prove to
// have the key, or did not do so in time.
var ErrAuth = errors.New("authentication failed")

// errKey is what a wrong MAC means.
var errKey = errors.New("the other side has another key, or none")

// errSilent is that of a server which leaves it to the client to begin. One that
// expects TLS does.
var errSilent = errors.New("wait for the server's challenge, of which nothing has come")

// A proof is what the MACs of one run cover.
type proof struct {
	key             []byte
	servers, client [nonceSize]byte
	binding         []byte // of the channel; nil without TLS
}

// mac returns the MAC of one side. All parts but the last have a fixed size,
// and the last has its size in front: no two proofs read the same.
func (p *proof) mac(r role) []byte {
	h := hmac.New(sha256.New, p.key)
	_, _ = io.WriteString(h, greeting) // a hash never fails
	_, _ = h.Write([]byte{byte(r)})
	_, _ = h.Write(p.servers[:])
	_, _ = h.Write(p.client[:])
	_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(p.binding))))
	_, _ = h.Write(p.binding)
	return h.Sum(nil)
}

// check compares in constant time.
func (p *proof) check(r role, mac []byte) error {
	if !hmac.Equal(mac, p.mac(r)) {
		return errKey
	}
	return nil
}

// challenge is the server's side.
func challenge(rw io.ReadWriter, key, binding []byte) error {
	p := proof{key: key, binding: binding}
	_, _ = rand.Read(p.servers[:]) // never fails: crypto/rand ends the program instead
	if _, err := rw.Write(append([]byte(greeting), p.servers[:]...)); err != nil {
		return fmt.Errorf("challenge the client: %w", err)
	}
	var b [responseSize]byte
	if _, err := io.ReadFull(rw, b[:]); err != nil {
		return fmt.Errorf("wait for the client's proof: %w", err)
	}
	if err := checkGreeting(b[:]); err != nil {
		return err
	}
	copy(p.client[:], b[len(greeting):])
	if err := p.check(client, b[challengeSize:]); err != nil {
		return err
	}
	if _, err := rw.Write(p.mac(server)); err != nil {
		return fmt.Errorf("answer the client: %w", err)
	}
	return nil
}

// respond is the client's side.
func respond(rw io.ReadWriter, key, binding []byte) error {
	p := proof{key: key, binding: binding}
	_, _ = rand.Read(p.client[:])
	var b [challengeSize]byte
	switch n, err := io.ReadFull(rw, b[:]); {
	case err != nil && n == 0:
		return fmt.Errorf("%w: %w", errSilent, err)
	case err != nil:
		return fmt.Errorf("wait for the server's challenge: %w", err)
	}
	if err := checkGreeting(b[:]); err != nil {
		return err
	}
	copy(p.servers[:], b[len(greeting):])
	response := append([]byte(greeting), p.client[:]...)
	if _, err := rw.Write(append(response, p.mac(client)...)); err != nil {
		return fmt.Errorf("answer the server: %w", err)
	}
	var mac [macSize]byte
	if _, err := io.ReadFull(rw, mac[:]); err != nil {
		// This is how a server refuses: it says nothing and closes.
		return fmt.Errorf("wait for the server's proof (it has another key, perhaps): %w", err)
	}
	return p.check(server, mac[:])
}

func checkGreeting(b []byte) error {
	if got := b[:len(greeting)]; string(got) != greeting {
		return fmt.Errorf("it greets with %q, want %q: not a connection of this package, or of another version", got, greeting)
	}
	return nil
}
