package connection

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// bindingLabel and bindingSize are those of the channel binding tls-exporter
// (RFC 9266, section 2).
const (
	bindingLabel = "EXPORTER-Channel-Binding"
	bindingSize  = 32
)

// establish makes a connection out of a socket: TLS and the proof, all within
// the time for it. It owns the socket, and closes it if it fails or ctx ends.
func establish(ctx context.Context, socket net.Conn, side role, o Options) (*multiproc.Connection, error) {
	ctx, cancel := context.WithTimeout(ctx, o.AuthTimeout)
	defer cancel()
	secured, err := prove(ctx, socket, side, o)
	if err != nil {
		_ = socket.Close()
		silent := errors.Is(err, errSilent)
		if why := context.Cause(ctx); why != nil {
			err = why // closing the socket only made it visible
		}
		if silent && o.TLS == nil && socket.LocalAddr().Network() == "tcp" {
			err = fmt.Errorf("%w: the server has said nothing: if it expects TLS, set Options.TLS", err)
		}
		return nil, fmt.Errorf("%w: %w", ErrAuth, err)
	}
	c := multiproc.NewConnection(secured)
	if o.MaxMessage > 0 {
		c.SetLimit(o.MaxMessage)
	}
	return c, nil
}

// prove does TLS and the proof, until ctx ends.
func prove(ctx context.Context, socket net.Conn, side role, o Options) (net.Conn, error) {
	// A deadline has reads and writes end, whatever they wait for, and leaves
	// the socket to be closed by its owner.
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(fired)
		_ = socket.SetDeadline(time.Unix(1, 0))
	})
	secured, binding, err := encrypt(ctx, socket, side, o.TLS)
	switch {
	case err != nil || o.NoAuth:
	case side == server:
		err = challenge(secured, o.Key, binding)
	default:
		err = respond(secured, o.Key, binding)
	}
	if !stop() {
		<-fired
		if err == nil {
			err = context.Cause(ctx) // its deadline would stay with the connection
		}
	}
	return secured, err
}

// encrypt puts TLS over the socket, if there is to be any, and returns what is
// unique to the channel.
func encrypt(ctx context.Context, socket net.Conn, side role, config *tls.Config) (net.Conn, []byte, error) {
	if config == nil {
		return socket, nil, nil
	}
	over := tls.Client
	if side == server {
		over = tls.Server
	}
	c := over(socket, config)
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, nil, err
	}
	state := c.ConnectionState()
	binding, err := state.ExportKeyingMaterial(bindingLabel, nil, bindingSize)
	if err != nil {
		return nil, nil, fmt.Errorf("channel binding: %w", err)
	}
	return c, binding, nil
}
