package connection

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var testKey = []byte("the key of these tests, 32 bytes")

// A stranger is one who says what it likes and reads what it is told.
type stranger struct {
	in  io.Reader
	out bytes.Buffer
}

func (s *stranger) Read(b []byte) (int, error)  { return s.in.Read(b) }
func (s *stranger) Write(b []byte) (int, error) { return s.out.Write(b) }

// run has two sides talk over a pipe and returns their errors, and what was
// said in both directions.
func run(one, other func(io.ReadWriter) error) (errs [2]error, said [2][]byte) {
	a, b := net.Pipe()
	ra, rb := &recorder{Conn: a}, &recorder{Conn: b}
	var both sync.WaitGroup
	both.Go(func() { errs[0] = one(ra); _ = a.Close() })
	both.Go(func() { errs[1] = other(rb); _ = b.Close() })
	both.Wait()
	return errs, [2][]byte{ra.said, rb.said}
}

// A recorder keeps what is written.
type recorder struct {
	net.Conn
	said []byte
}

func (r *recorder) Write(b []byte) (int, error) {
	r.said = append(r.said, b...)
	return r.Conn.Write(b)
}

func serverWith(key, binding []byte) func(io.ReadWriter) error {
	return func(rw io.ReadWriter) error { return challenge(rw, key, binding) }
}

func clientWith(key, binding []byte) func(io.ReadWriter) error {
	return func(rw io.ReadWriter) error { return respond(rw, key, binding) }
}

func TestOnlyTheSameKeyOnTheSameChannelWillDo(t *testing.T) {
	one, other := []byte("one channel"), []byte("another channel")
	for name, test := range map[string]struct {
		server, client func(io.ReadWriter) error
		ok             bool
	}{
		"same key":          {serverWith(testKey, nil), clientWith(testKey, nil), true},
		"same channel":      {serverWith(testKey, one), clientWith(testKey, one), true},
		"another key":       {serverWith(testKey, nil), clientWith([]byte("x"), nil), false},
		"another channel":   {serverWith(testKey, one), clientWith(testKey, other), false},
		"one without":       {serverWith(testKey, one), clientWith(testKey, nil), false},
		"key with zeros":    {serverWith(testKey, nil), clientWith(slices.Concat(testKey, make([]byte, 40)), nil), false},
		"server without it": {serverWith([]byte("x"), nil), clientWith(testKey, nil), false},
	} {
		errs, _ := run(test.server, test.client)
		if (errs[0] == nil) != test.ok || (errs[1] == nil) != test.ok {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

// The side that answers a challenge finds that the other one is not who it
// should be.
func TestPyAnswerChallengeAuthFailure(t *testing.T) {
	for name, said := range map[string]string{
		"garbage":         "something bogus",
		"wrong greeting":  strings.Repeat("x", challengeSize+macSize),
		"wrong proof":     greeting + strings.Repeat("n", nonceSize) + strings.Repeat("m", macSize),
		"no proof":        greeting + strings.Repeat("n", nonceSize),
		"truncated proof": greeting + strings.Repeat("n", nonceSize) + strings.Repeat("m", macSize-1),
		"nothing":         "",
	} {
		if err := respond(&stranger{in: strings.NewReader(said)}, testKey, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The side that challenges finds that the other one is not who it should be,
// and tells it nothing that it could try keys on.
func TestPyDeliverChallengeAuthFailure(t *testing.T) {
	for name, said := range map[string]string{
		"garbage":         "something bogus",
		"wrong greeting":  strings.Repeat("x", responseSize),
		"wrong proof":     greeting + strings.Repeat("n", nonceSize) + strings.Repeat("m", macSize),
		"no proof":        greeting + strings.Repeat("n", nonceSize),
		"truncated proof": greeting + strings.Repeat("n", nonceSize) + strings.Repeat("m", macSize-1),
		"nothing":         "",
	} {
		s := &stranger{in: strings.NewReader(said)}
		if err := challenge(s, testKey, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
		if s.out.Len() != challengeSize {
			t.Errorf("%s: the server says %d bytes, want its challenge of %d only", name, s.out.Len(), challengeSize)
		}
	}
}

func TestReplaysAreRefused(t *testing.T) {
	errs, said := run(serverWith(testKey, nil), clientWith(testKey, nil))
	serverSaid, clientSaid := said[0], said[1]
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	if err := challenge(&stranger{in: bytes.NewReader(clientSaid)}, testKey, nil); !errors.Is(err, errKey) {
		t.Errorf("a client's words of another run: %v", err)
	}
	if err := respond(&stranger{in: bytes.NewReader(serverSaid)}, testKey, nil); !errors.Is(err, errKey) {
		t.Errorf("a server's words of another run: %v", err)
	}
}

// A mirror sends back what it is sent.
type mirror struct{ bytes.Buffer }

func TestReflectionsAreRefused(t *testing.T) {
	if err := challenge(&mirror{}, testKey, nil); err == nil {
		t.Error("the server takes its own words for an answer")
	}
	// A client that gets its nonce for the server's, and its MAC for the
	// server's: the roles differ.
	a, b := net.Pipe()
	defer b.Close()
	go func() {
		defer a.Close()
		var theirs [responseSize]byte
		_, _ = a.Write(append([]byte(greeting), make([]byte, nonceSize)...))
		if _, err := io.ReadFull(a, theirs[:]); err == nil {
			_, _ = a.Write(theirs[challengeSize:])
		}
	}()
	if err := respond(b, testKey, nil); !errors.Is(err, errKey) {
		t.Errorf("the client's own MAC: %v", err)
	}
}

// Somebody in the middle, with TLS to both sides, passes on what they say.
func TestRelayingBetweenChannelsIsRefused(t *testing.T) {
	l := media[2].listen(t, Options{})
	middle, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate(t)}})
	if err != nil {
		t.Fatal(err)
	}
	defer middle.Close()
	var passing sync.WaitGroup
	defer passing.Wait()
	passing.Go(func() {
		in, err := middle.Accept()
		if err != nil {
			return
		}
		defer in.Close()
		out, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer out.Close()
		passing.Go(func() { _, _ = io.Copy(in, out); _ = in.Close() })
		_, _ = io.Copy(out, in)
	})
	if _, err := Dial(soon(t), "tcp", middle.Addr().String(), Options{TLS: &tls.Config{InsecureSkipVerify: true}}); !errors.Is(err, ErrAuth) {
		t.Errorf("error %v", err)
	}
}

func TestTheProofIsTimeLimited(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		refused := make(chan error, 1)
		l := m.listen(t, Options{AuthTimeout: 20 * time.Millisecond, OnRefused: func(_ net.Addr, err error) { refused <- err }})
		silent, err := net.Dial(m.network, l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		if err := <-refused; !errors.Is(err, ErrAuth) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("of the listener: %v", err)
		}
	})
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	for _, config := range []*tls.Config{nil, {InsecureSkipVerify: true}} {
		_, err := Dial(t.Context(), "tcp", mute.Addr().String(), Options{TLS: config, AuthTimeout: 20 * time.Millisecond})
		if !errors.Is(err, ErrAuth) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("of the client: %v", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := Dial(ctx, "tcp", mute.Addr().String(), Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("of the client's context: %v", err)
	}
}

// A server that expects TLS leaves it to the client to begin, and so does the
// client without it: whoever gives up first, the client can tell what it may be.
func TestAClientWithoutTLSIsToldOfIt(t *testing.T) {
	for name, limits := range map[string]struct{ listener, client time.Duration }{
		"the client gives up":   {time.Hour, 20 * time.Millisecond},
		"the listener gives up": {20 * time.Millisecond, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Listen("tcp", "127.0.0.1:0", Options{TLS: &tls.Config{Certificates: []tls.Certificate{certificate(t)}}, AuthTimeout: limits.listener})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			_, err = Dial(soon(t), "tcp", l.Addr().String(), Options{AuthTimeout: limits.client})
			if !errors.Is(err, ErrAuth) || !strings.Contains(err.Error(), "set Options.TLS") {
				t.Errorf("%v", err)
			}
		})
	}
}

// More silent clients than there are places keep nobody out.
func TestSilentClientsHoldNobodyUp(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		l := m.listen(t, Options{AuthTimeout: time.Hour})
		for range maxOpen + 2 {
			silent, err := net.Dial(m.network, l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer silent.Close()
		}
		a, err := m.dial(t, l, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		echoes(t, a, accept(t, l))
	})
}

// Clients that have proved themselves keep their places until they are
// accepted, however long that takes.
func TestManyClientsAreAllAccepted(t *testing.T) {
	overAll(t, func(t *testing.T, m medium) {
		l := m.listen(t, Options{OnRefused: func(_ net.Addr, err error) { t.Error(err) }})
		n := maxOpen + 22
		if m.tls {
			n = 150 // each takes milliseconds of both processors
		}
		var all sync.WaitGroup
		defer all.Wait()
		for range n {
			all.Go(func() {
				c, err := m.dial(t, l, Options{AuthTimeout: time.Minute})
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				if _, err := c.Recv(soon(t)); !errors.Is(err, io.EOF) {
					t.Error(err)
				}
			})
		}
		for range n {
			c, err := l.Accept(soon(t))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestWhatStrangersSayTakesNoMemory feeds both sides a stream without end.
func TestWhatStrangersSayTakesNoMemory(t *testing.T) {
	for name, side := range map[string]func(io.ReadWriter) error{"server": serverWith(testKey, nil), "client": clientWith(testKey, nil)} {
		counted := &counter{}
		if err := side(&stranger{in: counted}); err == nil {
			t.Errorf("%s: no error", name)
		}
		if counted.n > responseSize {
			t.Errorf("%s: it read %d bytes of a stranger", name, counted.n)
		}
	}
}

// A counter is a stream of random bytes that begins as it should.
type counter struct{ n int }

func (c *counter) Read(b []byte) (int, error) {
	n := copy(b, greeting[min(c.n, len(greeting)):])
	_, _ = rand.Read(b[n:])
	c.n += len(b)
	return len(b), nil
}

func FuzzServer(f *testing.F) { fuzz(f, serverWith(testKey, nil), responseSize) }

func FuzzClient(f *testing.F) { fuzz(f, clientWith(testKey, nil), challengeSize+macSize) }

// fuzz checks that nothing a stranger says is a proof, and that no more is read
// than a proof takes.
func fuzz(f *testing.F, side func(io.ReadWriter) error, size int) {
	errs, said := run(serverWith(testKey, nil), clientWith(testKey, nil))
	serverSaid, clientSaid := said[0], said[1]
	if err := errors.Join(errs[:]...); err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{nil, []byte(greeting), serverSaid, clientSaid, serverSaid[:challengeSize], clientSaid[:responseSize-1], append(clientSaid, 'x'), bytes.Repeat([]byte{255}, 1000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		in := bytes.NewReader(said)
		if err := side(&stranger{in: in}); err == nil {
			t.Error("a stranger is let in")
		}
		if read := len(said) - in.Len(); read > size {
			t.Errorf("%d bytes read, want at most %d", read, size)
		}
	})
}
