package connection

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// A call is whom a child is to connect to.
type call struct {
	Network, Address string
	TLS              bool
	Key              []byte
}

var (
	// phone connects, and sends back what it receives until there is no more.
	phone = multiproc.Func("phone", func(ctx context.Context, to call) (int, error) {
		o := Options{Key: to.Key}
		if to.TLS {
			o.TLS = &tls.Config{InsecureSkipVerify: true}
		}
		c, err := Dial(ctx, to.Network, to.Address, o)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		for n := 0; ; n++ {
			msg, err := c.Recv(ctx)
			if errors.Is(err, io.EOF) {
				return n, nil
			}
			if err != nil {
				return n, err
			}
			if err := c.Send(ctx, msg); err != nil {
				return n, err
			}
		}
	})

	// abandon listens at a path and dies without a word.
	abandon = multiproc.Func("abandon", func(_ context.Context, path string) (int, error) {
		if _, err := Listen("unix", path, Options{}); err != nil {
			return 0, err
		}
		os.Exit(7)
		return 0, nil
	})
)

func TestTwoEndsTalk(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		l := m.listen(t, Options{})
		if l.LastAccepted() != nil {
			t.Errorf("last accepted %v before the first", l.LastAccepted())
		}
		a, err := m.dial(t, l, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		b := accept(t, l)
		if l.LastAccepted() == nil {
			t.Error("no last accepted")
		}
		echoes(t, a, b)
		echoes(t, b, a)
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		if _, err := b.Recv(soon(t)); !errors.Is(err, io.EOF) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestAChildOfTheTreeHasTheKey(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		l := m.listen(t, Options{})
		p, err := phone.Start(call{m.network, l.Addr().String(), m.tls, nil}, multiproc.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = p.Kill(); <-p.Ended() }()
		c := accept(t, l)
		if err := c.Send(soon(t), []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if msg, err := c.Recv(soon(t)); string(msg) != "hello" || err != nil {
			t.Errorf("%q, %v", msg, err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if n, err := p.Join(soon(t)); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	})
}

func TestAChildWithAnotherKeyIsRefused(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		refused := make(chan error, 1)
		l := m.listen(t, Options{OnRefused: func(_ net.Addr, err error) { refused <- err }})
		p, err := phone.Start(call{m.network, l.Addr().String(), m.tls, []byte("another")}, multiproc.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = p.Kill(); <-p.Ended() }()
		if _, err := p.Join(soon(t)); err == nil || !strings.Contains(err.Error(), ErrAuth.Error()) {
			t.Errorf("the child's error is %v", err)
		}
		if err := <-refused; !errors.Is(err, ErrAuth) {
			t.Errorf("the listener's error is %v", err)
		}
	})
}

// A client that was there and has gone before anybody accepts it does no harm.
func TestPyIssue14725(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		refused := make(chan error, 1)
		l := m.listen(t, Options{OnRefused: func(_ net.Addr, err error) { refused <- err }})
		gone, err := net.Dial(m.network, l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := gone.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-refused; !errors.Is(err, ErrAuth) {
			t.Errorf("error %v", err)
		}
		a, err := m.dial(t, l, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		echoes(t, a, accept(t, l))
	})
}

// The same address can be had again at once.
func TestPyRapidRestart(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		if m.network == "unix" {
			m.address = socketPath(t)
		}
		for range 3 {
			l := m.listen(t, Options{})
			a, err := m.dial(t, l, Options{})
			if err != nil {
				t.Fatal(err)
			}
			echoes(t, a, accept(t, l))
			m.address = l.Addr().String()
			// The listener's side first: it is the one that TCP remembers.
			if err := errors.Join(l.Close(), a.Close()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestASocketOfTheDeadIsReplaced(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		if m.network != "unix" {
			t.Skip("only a unix socket outlives its listener")
		}
		m.address = socketPath(t)
		p, err := abandon.Start(m.address, multiproc.Options{})
		if err != nil {
			t.Fatal(err)
		}
		<-p.Ended()
		if _, err := os.Lstat(m.address); err != nil {
			t.Fatal("the dead listener has left no socket, so that this tests nothing:", err)
		}
		l := m.listen(t, Options{})
		if other, err := Listen("unix", m.address, Options{}); err == nil {
			t.Error("two listen at one address")
			_ = other.Close()
		}
		a, err := m.dial(t, l, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		echoes(t, a, accept(t, l))
	})
}

func TestWhatIsNoSocketStays(t *testing.T) {
	path := socketPath(t)
	if err := os.WriteFile(path, []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := Listen("unix", path, Options{}); err == nil {
		t.Error("it was replaced")
		_ = l.Close()
	}
	if b, err := os.ReadFile(path); string(b) != "dear" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

func TestAPrivateFolderGoesWithItsListener(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		if m.network != "unix" {
			t.Skip("only unix sockets are in folders")
		}
		l := m.listen(t, Options{})
		dir := filepath.Dir(l.Addr().String())
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%v, %v", info, err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestFoldersOfTheDeadGo(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		if m.network != "unix" {
			t.Skip("only unix sockets are in folders")
		}
		address, remove, err := PrivateAddress()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = remove() }) // gone already, if all is well
		p, err := abandon.Start(address, multiproc.Options{})
		if err != nil {
			t.Fatal(err)
		}
		<-p.Ended()
		living := m.listen(t, Options{})
		long := time.Now().Add(-time.Hour)
		for _, a := range []string{address, living.Addr().String()} {
			if err := os.Chtimes(filepath.Dir(a), long, long); err != nil {
				t.Fatal(err)
			}
		}
		m.listen(t, Options{})
		if _, err := os.Stat(filepath.Dir(address)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the dead one's: %v", err)
		}
		if _, err := os.Stat(living.Addr().String()); err != nil {
			t.Errorf("the living one's: %v", err)
		}
	})
}

func TestAcceptEnds(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		l := m.listen(t, Options{})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { _, err := l.Accept(ctx); ended <- err }()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("with its context: %v", err)
		}
		go func() { _, err := l.Accept(t.Context()); ended <- err }()
		if err := errors.Join(l.Close(), l.Close()); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("with Close: %v", err)
		}
	})
}

func TestMessagesOverTheLimitAreRefused(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		l := m.listen(t, Options{MaxMessage: 10})
		a, err := m.dial(t, l, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		b := accept(t, l)
		if err := a.Send(soon(t), make([]byte, 11)); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Recv(soon(t)); err == nil || !strings.Contains(err.Error(), "too large") {
			t.Errorf("error %v", err)
		}
	})
}

func TestWithoutAKeyOnlyWhenAsked(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		l := m.listen(t, Options{NoAuth: true})
		a, err := m.dial(t, l, Options{NoAuth: true})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		echoes(t, a, accept(t, l))
	})
}

func TestMutualTLS(t *testing.T) {
	server, client, stranger := certificate(t), certificate(t), certificate(t)
	servers, clients := x509.NewCertPool(), x509.NewCertPool()
	servers.AddCert(server.Leaf)
	clients.AddCert(client.Leaf)
	l, err := Listen("tcp", "127.0.0.1:0", Options{TLS: &tls.Config{
		Certificates: []tls.Certificate{server}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert,
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	with := func(c tls.Certificate, roots *x509.CertPool) (*multiproc.Connection, error) {
		return Dial(soon(t), "tcp", l.Addr().String(), Options{TLS: &tls.Config{Certificates: []tls.Certificate{c}, RootCAs: roots}})
	}
	a, err := with(client, servers)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	echoes(t, a, accept(t, l))
	if _, err := with(stranger, servers); !errors.Is(err, ErrAuth) {
		t.Errorf("a client that nobody knows: %v", err)
	}
	if _, err := with(client, clients); !errors.Is(err, ErrAuth) {
		t.Errorf("a server that nobody knows: %v", err)
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for name, test := range map[string]struct {
		network, address string
		o                Options
	}{
		"network":     {"udp", "127.0.0.1:0", Options{}},
		"TLS on unix": {"unix", "", Options{TLS: &tls.Config{}}},
		"empty key":   {"tcp", "127.0.0.1:0", Options{Key: []byte{}}},
		"time":        {"tcp", "127.0.0.1:0", Options{AuthTimeout: -1}},
		"size":        {"tcp", "127.0.0.1:0", Options{MaxMessage: -1}},
		"certificate": {"tcp", "127.0.0.1:0", Options{TLS: &tls.Config{}}},
		"address":     {"tcp", "nowhere", Options{}},
		"folder":      {"unix", "/does/not/exist", Options{}},
	} {
		if l, err := Listen(test.network, test.address, test.o); err == nil {
			t.Errorf("%s: no error", name)
			_ = l.Close()
		}
	}
	if _, err := Dial(t.Context(), "tcp", "nowhere", Options{TLS: &tls.Config{}}); err == nil {
		t.Error("dial nowhere: no error")
	}
}

// TLS says of a record that was cut short that nothing was written, and can send
// no other.
func TestSendOverTLSGivesUpWithItsContext(t *testing.T) {
	near, far := net.Pipe()
	defer func() { _, _ = near.Close(), far.Close() }()
	client := tls.Client(near, &tls.Config{InsecureSkipVerify: true})
	// Nobody would read its tickets.
	server := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{certificate(t)}, SessionTicketsDisabled: true})
	shaken := make(chan error, 1)
	go func() { shaken <- server.HandshakeContext(soon(t)) }()
	if err := errors.Join(client.HandshakeContext(soon(t)), <-shaken); err != nil {
		t.Fatal(err)
	}
	c := multiproc.NewConnection(client)
	ctx, cancel := context.WithCancel(t.Context())
	sent := make(chan error)
	go func() { sent <- c.Send(ctx, []byte("hello")) }()
	if _, err := far.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-sent; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "the message was cut short") {
		t.Errorf("error %v", err)
	}
	for range 2 {
		if err := c.Send(soon(t), nil); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "an earlier message was cut short") {
			t.Errorf("the next message: %v", err)
		}
	}
}
