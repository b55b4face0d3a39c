package managers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/connection"
)

// A visit is what a child is to do at a manager of another machine.
type visit struct {
	Network, Address string
	Key              []byte
	Greeting         string
}

var (
	// greet puts its greeting into the queue that is named "greetings".
	greet = multiproc.Func("greet", func(ctx context.Context, v visit) (bool, error) {
		o := connection.Options{Key: v.Key}
		if v.Network == "tcp" {
			o.TLS = sealed()
		}
		m, err := Connect(ctx, v.Network, v.Address, o)
		if err != nil {
			return false, err
		}
		defer m.Close()
		q, err := NewQueue[string](ctx, m.Named("greetings"), 0)
		if err != nil {
			return false, err
		}
		return true, q.Put(ctx, v.Greeting)
	})

	// useAll does something with each of the proxies that it gets, and puts a
	// proxy of its own making into the queue.
	useAll = multiproc.Func("useAll", func(ctx context.Context, b bundle) (bool, error) {
		if err := b.Lock.Acquire(ctx); err != nil {
			return false, err
		}
		n, err := incr.Call(ctx, b.Counter, 5)
		if err != nil {
			return false, err
		}
		if err := errors.Join(b.Dict.Set(ctx, "counter", n), b.Lists[0].Append(ctx, n), b.Lock.Release(ctx)); err != nil {
			return false, err
		}
		return true, b.Mail.Put(ctx, b.Dict)
	})

	// holdOn acquires the lock, takes a task, says so by the event, and waits to be killed.
	holdOn = multiproc.Func("holdOn", func(ctx context.Context, b holding) (bool, error) {
		_, err := b.Tasks.Get(ctx)
		if err := errors.Join(b.Lock.Acquire(ctx), err, b.Held.Set(ctx)); err != nil {
			return false, err
		}
		<-ctx.Done()
		return true, nil
	})

	// found starts a manager, tells where it is and waits to be killed.
	found = multiproc.Func("found", func(ctx context.Context, to *multiproc.Connection) (bool, error) {
		m, err := Start(ctx, Options{Network: "tcp"})
		if err != nil {
			return false, err
		}
		v, err := NewValue(ctx, m, 7)
		if err != nil {
			return false, err
		}
		b, err := v.MarshalCBOR()
		if err != nil {
			return false, err
		}
		if err := to.Send(ctx, b); err != nil {
			return false, err
		}
		select {}
	})
)

type bundle struct {
	Dict    *Dict[string, int]
	Lists   []*List[int]
	Lock    Lock
	Counter *Object[*counter]
	Mail    *Queue[*Dict[string, int]]
}

type holding struct {
	Lock  *Lock
	Held  *Event
	Tasks *JoinableQueue[int]
}

// TestPyRemote: a manager over TLS, which another process connects to, with
// the key and without.
func TestPyRemote(t *testing.T) {
	key := []byte("the key that both have been given")
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			ctx := soon(t)
			m := begin(t, Options{Network: network, Connection: connection.Options{Key: key}})
			q := got(NewQueue[string](ctx, m.Named("greetings"), 0))(t)
			run(t, greet, visit{network, m.Address(), key, "hello world"})
			s, err := q.Get(ctx)
			check(t, "greeting", s, err, "hello world")
			for _, wrong := range [][]byte{nil, []byte("another")} {
				_, err := launch(t, greet, visit{network, m.Address(), wrong, "let me in"}).Join(ctx)
				if err == nil || !strings.Contains(err.Error(), connection.ErrAuth.Error()) {
					t.Errorf("with key %q: %v", wrong, err)
				}
			}
			n, err := q.Len(ctx)
			check(t, "greetings", n, err, 0)
		})
	}
}

func TestProxiesTravel(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx := soon(t)
		b := bundle{
			Dict:    got(NewDict[string, int](ctx, m))(t),
			Lists:   []*List[int]{got(NewList[int](ctx, m))(t)},
			Lock:    *got(NewLock(ctx, m))(t),
			Counter: got(counterType.New(ctx, m, 1))(t),
			Mail:    got(NewQueue[*Dict[string, int]](ctx, m, 0))(t),
		}
		run(t, useAll, b)
		d, err := b.Mail.Get(ctx)
		ok(t, err)
		n, _, err := d.Get(ctx, "counter")
		check(t, "through the proxy that came back", n, err, 6)
		n, err = b.Lists[0].Pop(ctx, 0)
		check(t, "list", n, err, 6)

		through := got(multiproc.NewQueue[*Dict[string, int]](1))(t)
		defer through.Close()
		ok(t, through.Put(ctx, b.Dict))
		d = got(through.Get(ctx))(t)
		n, _, err = d.Get(ctx, "counter")
		check(t, "through a queue of multiproc", n, err, 6)

		inside := got(NewValue(ctx, m, d))(t)
		d = got(inside.Get(ctx))(t)
		n, _, err = d.Get(ctx, "counter")
		check(t, "through another object", n, err, 6)
	})
}

func TestAProxyIsNotTakenForAnother(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	b := got(got(NewDict[string, int](ctx, m))(t).MarshalCBOR())(t)
	var d Dict[string, int32]
	if err := d.UnmarshalCBOR(b); !errors.Is(err, ErrType) {
		t.Errorf("a dict of others: %v", err)
	}
	var l Lock
	if err := l.UnmarshalCBOR(b); !errors.Is(err, ErrType) {
		t.Errorf("a lock: %v", err)
	}
	if strings.Contains(string(b), string(multiproc.AuthKey())) {
		t.Error("the key travels")
	}
}

func TestWhatADeadClientHeldIsFree(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx := soon(t)
		h := holding{
			Lock:  got(NewLock(ctx, m))(t),
			Held:  got(NewEvent(ctx, m))(t),
			Tasks: got(NewJoinableQueue[int](ctx, m, 0))(t),
		}
		ok(t, h.Tasks.Put(ctx, 1))
		p := launch(t, holdOn, h)
		ok(t, h.Held.Wait(ctx))
		waited := make(chan error, 1)
		go func() { waited <- h.Lock.Acquire(ctx) }()
		ok(t, p.Kill())
		if err := <-waited; !errors.Is(err, multiproc.ErrOwnerDied) {
			t.Errorf("error %v", err)
		}
		ok(t, h.Lock.Acquire(ctx))
		if err := h.Tasks.Join(ctx); !errors.Is(err, multiproc.ErrOwnerDied) {
			t.Errorf("its task: %v", err)
		}
	})
}

// All that waits for a server that is killed ends, with an error, and nothing
// of it is left.
func TestAKilledServerLeavesNobodyWaiting(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx, other := soon(t), another(t, m)
		q := got(NewQueue[int](ctx, m.Named("q"), 0))(t)
		there := got(NewQueue[int](ctx, other.Named("q"), 0))(t)
		e := got(NewEvent(ctx, m))(t)
		ended := make(chan error)
		const each = 20
		for range each {
			go func() { _, err := q.Get(ctx); ended <- err }()
			go func() { _, err := there.Get(ctx); ended <- err }()
			go func() { ended <- e.Wait(ctx) }()
		}
		// They are on their way, or wait already: both has to end well.
		ok(t, m.server.Kill())
		for range 3 * each {
			if err := <-ended; !errors.Is(err, ErrDisconnected) {
				t.Errorf("error %v", err)
			}
		}
		if _, err := q.TryGet(ctx); !errors.Is(err, ErrDisconnected) {
			t.Errorf("later: %v", err)
		}
		b := got(q.MarshalCBOR())(t)
		var travelled Queue[int]
		ok(t, travelled.UnmarshalCBOR(b))
		if _, err := travelled.TryGet(ctx); !errors.Is(err, ErrDisconnected) {
			t.Errorf("through a proxy that has travelled: %v", err)
		}
		ok(t, m.Shutdown(ctx))
		if m.Network() == "unix" {
			if _, err := os.Stat(filepath.Dir(m.Address())); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the socket's folder: %v", err)
			}
		}
	})
}

func TestAServerEndsWithItsParent(t *testing.T) {
	ctx := soon(t)
	here, there := pair(t)
	p := launch(t, found, there)
	b := append([]byte(nil), got(here.Recv(ctx))(t)...)
	var v Value[int]
	ok(t, v.UnmarshalCBOR(b))
	n, err := v.Get(ctx)
	check(t, "value", n, err, 7)
	waited := make(chan error, 1)
	go func() { // until the connection ends
		for {
			if _, err := v.Get(ctx); err != nil {
				waited <- err
				return
			}
		}
	}()
	ok(t, p.Kill())
	if err := <-waited; !errors.Is(err, ErrDisconnected) {
		t.Errorf("error %v", err)
	}
}

func pair(t *testing.T) (here, there *multiproc.Connection) {
	t.Helper()
	here, there, err := multiproc.BytePipe()
	ok(t, err)
	t.Cleanup(func() { _ = here.Close() })
	return here, there
}

func TestFiftyClientsAtOnce(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		const clients, each = 50, 10
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				ctx := soon(t)
				other := another(t, m)
				d, err := NewDict[string, int](ctx, other.Named("sums"))
				if err != nil {
					t.Error(err)
					return
				}
				for range each {
					if _, err := Add(ctx, d, "sum", 1); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		d := got(NewDict[string, int](soon(t), m.Named("sums")))(t)
		n, _, err := d.Get(soon(t), "sum")
		check(t, "sum", n, err, clients*each)
	})
}

func TestMessagesOverTheLimit(t *testing.T) {
	ctx := soon(t)
	m := begin(t, Options{Connection: connection.Options{MaxMessage: 1000}})
	l := got(NewList[string](ctx, m))(t)
	if err := l.Append(ctx, strings.Repeat("x", 1000)); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("there: %v", err)
	}
	for range 3 {
		ok(t, l.Append(ctx, strings.Repeat("x", 500)))
	}
	if _, err := l.All(ctx); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("back: %v", err)
	}
	n, err := l.Len(ctx) // the connection has come to no harm
	check(t, "length", n, err, 3)
}

func TestOperationsEndWithTheirContexts(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	e := got(NewEvent(ctx, m))(t)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := e.Set(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	set, err := e.IsSet(ctx)
	check(t, "set by an operation that was not to begin", set, err, false)
}

func TestWhatCannotBeStarted(t *testing.T) {
	ctx := soon(t)
	for name, o := range map[string]Options{
		"network": {Network: "udp"},
		"address": {Network: "tcp", Address: "nowhere"},
		"TLS":     {Network: "tcp", Connection: connection.Options{TLS: sealed()}},
		"key":     {Connection: connection.Options{Key: []byte{}}},
	} {
		if m, err := Start(ctx, o); err == nil {
			t.Errorf("%s: no error", name)
			ok(t, m.Shutdown(ctx))
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Start(ended, Options{Network: "tcp"}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	m := begin(t, Options{})
	if err := another(t, m).Shutdown(ctx); !errors.Is(err, multiproc.ErrNotOwner) {
		t.Errorf("shut down by a guest: %v", err)
	}
	if m.PID() == 0 || another(t, m).PID() != 0 {
		t.Error("process ids")
	}
}

func TestAMethodThatDoesNotEndIsKilledAtShutdown(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	c := got(parallelType.New(ctx, m, struct{}{}))(t)
	if _, err := meetUp.Call(brief(t), c, true); !errors.Is(err, context.DeadlineExceeded) { // it knows no context
		t.Errorf("error %v", err)
	}
	if err := m.Shutdown(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if m.server.Alive() {
		t.Error("it lives on")
	}
}

// Something else than a manager is at the address.
func TestOnlyAManagerIsConnectedTo(t *testing.T) {
	l := got(connection.Listen("tcp", "127.0.0.1:0", connection.Options{}))(t)
	defer l.Close()
	for i, said := range [][]byte{nil, []byte("hello"), {frameHello, version + 1, 1, 2, 3, 4, 5, 6, 7, 8}} {
		go func() {
			if c, err := l.Accept(context.Background()); err == nil {
				_ = c.Send(context.Background(), said)
				_ = c.Close()
			}
		}()
		if _, err := Connect(soon(t), "tcp", l.Addr().String(), connection.Options{}); !errors.Is(err, ErrProtocol) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// A server that is there and says nothing is given up in the end.
func TestAServerThatDoesNotAnswer(t *testing.T) {
	l := got(connection.Listen("tcp", "127.0.0.1:0", connection.Options{}))(t)
	defer l.Close()
	go func() {
		if c, err := l.Accept(context.Background()); err == nil {
			_ = c.Send(context.Background(), hello(99))
			for err == nil {
				_, err = c.Recv(context.Background())
			}
			_ = c.Close()
		}
	}()
	m := got(Connect(soon(t), "tcp", l.Addr().String(), connection.Options{}))(t)
	m.client.lastWord = 20 * time.Millisecond
	_, err := m.Len(brief(t))
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrDisconnected) {
		t.Errorf("error %v", err)
	}
}

func Example() {
	ctx := context.Background()
	m, err := Start(ctx, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = m.Shutdown(ctx) }()
	counts, err := NewDict[string, int](ctx, m)
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := Add(ctx, counts, "apples", 3)
	fmt.Println(n, err)
	// Output: 3 <nil>
}
