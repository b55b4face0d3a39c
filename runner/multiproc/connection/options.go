package connection

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// Options are those of [Listen] and [Dial]. The zero value is ready to use
// between processes of one tree.
type Options struct {
	// Key is what both sides prove to have. Nil means [multiproc.AuthKey].
	// Keys that people think up are too short: take 32 random bytes.
	Key []byte

	// NoAuth leaves the proof away, on both sides. Anybody who reaches the
	// address may talk then, unless TLS with client certificates keeps them
	// out.
	NoAuth bool

	// TLS encrypts a "tcp" connection, with TLS 1.3 at least. A listener's
	// needs a certificate. Nil means that nothing is encrypted.
	TLS *tls.Config

	// AuthTimeout is how long it may take, from the connection to the last
	// word of the proof, TLS included; 0 means 10 seconds.
	AuthTimeout time.Duration

	// MaxMessage is the size in bytes of the largest message, as
	// [multiproc.Connection.SetLimit] takes it; 0 means 64 MiB.
	MaxMessage int

	// OnRefused is called by a listener for each client that it has not let
	// in, and for each failure to take one in; nil means that nobody wants to
	// know. The address is nil where there is none. Several goroutines may
	// call it at once, and [Listener.Close] waits for it.
	OnRefused func(client net.Addr, err error)
}

// authTimeout is the default of [Options].AuthTimeout.
const authTimeout = 10 * time.Second

// withDefaults checks the options and fills in what is missing.
func (o Options) withDefaults(network string) (Options, error) {
	switch {
	case network != "unix" && network != "tcp":
		return o, fmt.Errorf("network %q: want unix or tcp", network)
	case network == "unix" && o.TLS != nil:
		return o, errors.New("TLS is for tcp: a unix socket does not leave the machine")
	case o.AuthTimeout < 0 || o.MaxMessage < 0:
		return o, fmt.Errorf("AuthTimeout %v and MaxMessage %d: want neither below 0", o.AuthTimeout, o.MaxMessage)
	case o.Key != nil && len(o.Key) == 0:
		return o, errors.New("the key is empty: leave it nil for multiproc.AuthKey, or set NoAuth")
	}
	if o.Key == nil && !o.NoAuth {
		o.Key = multiproc.AuthKey()
	}
	if o.AuthTimeout == 0 {
		o.AuthTimeout = authTimeout
	}
	if o.TLS != nil {
		o.TLS = o.TLS.Clone()
		// Older versions have no exporter that RFC 9266 allows without further
		// conditions.
		o.TLS.MinVersion = max(o.TLS.MinVersion, tls.VersionTLS13)
	}
	return o, nil
}
