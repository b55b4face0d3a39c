package connection

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

func TestMain(m *testing.M) {
	multiproc.Main()
	status := m.Run()
	if left := leftovers(); left != "" && status == 0 {
		fmt.Println("the tests leave", left)
		status = 1
	}
	os.Exit(status)
}

// leftovers says what the tests have not cleaned up. What is ending gets a
// minute for it.
func leftovers() string {
	var left string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		left = ""
		if all := multiproc.ActiveChildren(); len(all) > 0 {
			left = fmt.Sprint(len(all), " children, one of them ", all[0].Name())
		}
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for g := range strings.SplitSeq(string(stacks), "\n\n") {
			if strings.Contains(g, "connection.(*") {
				left = "a goroutine:\n" + g
			}
		}
		if left == "" {
			return ""
		}
	}
	return left
}

// A medium is one of the ways to connect.
type medium struct {
	name, network, address string
	tls                    bool
}

var media = []medium{
	{"unix", "unix", "", false},
	{"tcp", "tcp", "127.0.0.1:0", false},
	{"tls", "tcp", "127.0.0.1:0", true},
}

// overAll runs a test over each of the media.
func overAll(t *testing.T, test func(t *testing.T, m medium)) {
	for _, m := range media {
		t.Run(m.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && m.network == "unix" {
				if l, err := Listen("unix", "", Options{}); err != nil {
					t.Skipf("this Windows has no unix sockets: %v", err)
				} else if err := l.Close(); err != nil {
					t.Fatal(err)
				}
			}
			test(t, m)
		})
	}
}

// listen listens over the medium until the end of the test.
func (m medium) listen(t *testing.T, o Options) *Listener {
	t.Helper()
	if m.tls {
		o.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
	}
	l, err := Listen(m.network, m.address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// dial connects to a listener over the medium.
func (m medium) dial(t *testing.T, l *Listener, o Options) (*multiproc.Connection, error) {
	t.Helper()
	if m.tls {
		o.TLS = &tls.Config{InsecureSkipVerify: true} // the key vouches for the server
	}
	return Dial(soon(t), m.network, l.Addr().String(), o)
}

// accept is Accept that has to succeed.
func accept(t *testing.T, l *Listener) *multiproc.Connection {
	t.Helper()
	c, err := l.Accept(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// soon is a context that ends when something hangs.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// echoes checks that a and b are the two ends of a connection.
func echoes(t *testing.T, a, b *multiproc.Connection) {
	t.Helper()
	for _, msg := range []string{"", "hello", strings.Repeat("x", 100_000)} {
		sent := make(chan error, 1)
		go func() { sent <- a.Send(soon(t), []byte(msg)) }()
		got, err := b.Recv(soon(t))
		if err != nil || string(got) != msg {
			t.Fatalf("%d bytes arrive as %d, %v", len(msg), len(got), err)
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
	}
}

// socketPath returns a path that is short enough for a socket everywhere.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gvp-test-*") //nolint:usetesting // a test's own folder has a long name
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	t.Cleanup(func() { // Wine knows no os.RemoveAll of what is not empty
		_ = os.Remove(path)
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	return path
}

// certificate makes one for 127.0.0.1 that it signs itself.
func certificate(t testing.TB) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "gvp test"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
