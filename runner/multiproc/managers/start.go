package managers

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/connection"
)

// Options are those of [Start]. The zero value is ready to use.
type Options struct {
	// Network is "unix", or "tcp", with TLS. "" means unix where the system
	// has such sockets, as all but old versions of Windows do.
	Network string

	// Address is where the server listens, as [connection.Listen] takes it.
	// Without it, that is a socket in a private folder, or a free port of
	// 127.0.0.1.
	Address string

	// Connection says with which key and which limits. Its TLS has to be nil:
	// private keys are not sent to a child, and the server makes a certificate
	// of its own, which the key vouches for. To use another one, run a
	// [Server] in a process of your own.
	Connection connection.Options

	// Process says how the server's process is started.
	Process multiproc.Options
}

// orders are what a server's process is told.
type orders struct {
	Network, Address string
	Key              []byte
	NoAuth           bool
	AuthTimeout      time.Duration
	MaxMessage       int
	Ready            *multiproc.Connection // takes the address, once it listens
}

// server is the function of a server's process.
var server = multiproc.Func("multiproc/managers.server", serve)

// Start starts a server in a child process and connects to it. The server ends
// with Shutdown, and with this process.
func Start(ctx context.Context, o Options) (*Manager, error) {
	m, err := start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start a manager: %w", err)
	}
	return m, nil
}

func start(ctx context.Context, o Options) (*Manager, error) {
	if o.Connection.TLS != nil {
		return nil, errors.New("TLS settings cannot go to a child: leave them out, or run a Server")
	}
	o, release, err := o.placed()
	if err != nil {
		return nil, err
	}
	m, err := startAt(ctx, o)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	go func() {
		<-m.server.Ended()
		_ = m.client.fail(errors.New("the server has ended"))
		_ = release() // it is the server's own, and nobody is there to be told
		close(m.released)
	}()
	return m, nil
}

// placed fills in where the server is to listen. release takes away what was
// made for that.
func (o Options) placed() (_ Options, release func() error, err error) {
	release = func() error { return nil }
	if o.Network == "" {
		o.Network = "unix"
		if !unixSockets() {
			o.Network = "tcp"
		}
	}
	switch {
	case o.Address != "":
	case o.Network == "unix":
		// Made here, so that it goes even if the server is killed.
		o.Address, release, err = connection.PrivateAddress()
	default:
		o.Address = "127.0.0.1:0"
	}
	return o, release, err
}

// startAt starts the server's process and connects to it.
func startAt(ctx context.Context, o Options) (*Manager, error) {
	here, there, err := multiproc.BytePipe()
	if err != nil {
		return nil, err
	}
	defer here.Close()
	c := o.Connection
	p, err := server.Start(orders{o.Network, o.Address, c.Key, c.NoAuth, c.AuthTimeout, c.MaxMessage, there}, o.Process)
	if err != nil {
		return nil, errors.Join(err, there.Close())
	}
	m, err := meet(ctx, here, p, o)
	if err != nil {
		err = errors.Join(err, p.Kill())
		<-p.Ended()
		return nil, err
	}
	return m, nil
}

// meet connects to a server that is about to listen.
func meet(ctx context.Context, ready *multiproc.Connection, p *multiproc.Process[bool], o Options) (*Manager, error) {
	address, err := ready.Recv(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if _, why := p.Join(ctx); why != nil {
			return nil, why
		}
		return nil, err
	}
	at := place{Network: o.Network, Address: string(address), Sealed: o.Network == "tcp"}
	if at.Sealed {
		o.Connection.TLS = sealed()
	}
	c, err := connect(ctx, at, o.Connection)
	if err != nil {
		return nil, err
	}
	return &Manager{client: c, server: p, released: make(chan struct{})}, nil
}

// serve is the life of a server's process.
func serve(ctx context.Context, o orders) (bool, error) {
	c := connection.Options{Key: o.Key, NoAuth: o.NoAuth, AuthTimeout: o.AuthTimeout, MaxMessage: o.MaxMessage}
	if o.Network == "tcp" {
		certificate, err := ownCertificate()
		if err != nil {
			return false, err
		}
		c.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	}
	l, err := connection.Listen(o.Network, o.Address, c)
	if err != nil {
		return false, err
	}
	s := NewServer()
	err = o.Ready.Send(ctx, []byte(l.Addr().String()))
	if err == nil {
		err = errors.Join(o.Ready.Close(), s.Serve(ctx, l))
	}
	if ctx.Err() != nil { // the parent has said so
		err = nil
	}
	// The listener first: an object that is being closed may still try to
	// connect to this server, and is not to wait for an answer.
	err = errors.Join(err, l.Close())
	s.Close()
	return true, err
}

// ownCertificate makes one that nobody signs and nobody checks: TLS wants one,
// and the key does what it would be for.
func ownCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(100, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
