package managers

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/connection"
)

// A counter does not lock itself: its methods would race if they ran side by
// side.
type counter struct {
	n      int
	inside int
	most   int
	gate   chan struct{}
}

var (
	counterType = Type("counter", func(from int) (*counter, error) {
		switch from {
		case -1:
			return nil, errors.New("below nothing")
		case -2:
			panic("far below")
		case -3:
			runtime.Goexit()
		}
		return &counter{n: from, gate: make(chan struct{})}, nil
	}, TypeOptions{})

	parallelType = Type("parallel", func(struct{}) (*counter, error) {
		return &counter{gate: make(chan struct{})}, nil
	}, TypeOptions{Concurrent: true})

	incr = Method("counter.incr", func(_ context.Context, c *counter, by int) (int, error) {
		c.inside++
		c.most = max(c.most, c.inside)
		runtime.Gosched()
		c.n += by
		c.inside--
		return c.n, nil
	})
	most   = Method("counter.most", func(_ context.Context, c *counter, _ struct{}) (int, error) { return c.most, nil })
	refuse = Method("counter.refuse", func(_ context.Context, _ *counter, text string) (int, error) { return 0, errors.New(text) })
	crash  = Method("counter.crash", func(_ context.Context, _ *counter, text string) (int, error) { panic(text) })
	leave  = Method("counter.leave", func(context.Context, *counter, struct{}) (int, error) { runtime.Goexit(); return 0, nil })
	hang   = Method("counter.hang", func(ctx context.Context, _ *counter, _ struct{}) (int, error) { <-ctx.Done(); return 0, ctx.Err() })
	meetUp = Method("counter.meetUp", func(ctx context.Context, c *counter, first bool) (int, error) {
		if first {
			c.gate <- struct{}{}
		} else {
			<-c.gate
		}
		return 0, nil
	})
	channel = Method("counter.channel", func(context.Context, *counter, int) (chan int, error) { return nil, nil })
)

// A journal writes into a list of another connection when it is closed.
type journal struct{ to *List[string] }

func (j *journal) Close() error {
	return j.to.Append(context.Background(), "closed")
}

var journalType = Type("journal", func(to *List[string]) (*journal, error) { return &journal{to}, nil }, TypeOptions{})

func TestAUsersOwnType(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx, other := soon(t), another(t, m)
		c := got(counterType.New(ctx, m.Named("counter"), 5))(t)
		there := got(counterType.New(ctx, other.Named("counter"), 1000))(t)
		n, err := incr.Call(ctx, c, 2)
		check(t, "counter", n, err, 7)
		n, err = incr.Call(ctx, there, 3)
		check(t, "counter", n, err, 10)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { got(incr.Call(ctx, there, 1))(t) })
			all.Go(func() { got(incr.Call(ctx, c, 1))(t) })
		}
		all.Wait()
		n, err = incr.Call(ctx, c, 0)
		check(t, "counter", n, err, 110)
		n, err = most.Call(ctx, c, struct{}{})
		check(t, "calls at once", n, err, 1)
	})
}

func TestWhatGoesWrongInUsersFunctions(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	c := got(counterType.New(ctx, m, 0))(t)
	for name, test := range map[string]struct {
		call  func() (int, error)
		want  string
		stack bool
	}{
		"error":               {func() (int, error) { return refuse.Call(ctx, c, "no good") }, "no good", false},
		"panic":               {func() (int, error) { return crash.Call(ctx, c, "ouch") }, "panic: ouch", true},
		"goexit":              {func() (int, error) { return leave.Call(ctx, c, struct{}{}) }, "Goexit", false},
		"result":              {func() (int, error) { _, err := channel.Call(ctx, c, 1); return 0, err }, "cannot be sent", false},
		"error of the making": {func() (int, error) { _, err := counterType.New(ctx, m, -1); return 0, err }, "below nothing", false},
		"panic of the making": {func() (int, error) { _, err := counterType.New(ctx, m.Named("x"), -2); return 0, err }, "panic: far below", true},
		"exit of the making":  {func() (int, error) { _, err := counterType.New(ctx, m, -3); return 0, err }, "Goexit", false},
	} {
		_, err := test.call()
		var remote *Error
		if !errors.As(err, &remote) || !strings.Contains(err.Error(), test.want) || (remote.Stack != "") != test.stack {
			t.Errorf("%s: %#v", name, err)
		}
	}
	// The object has come to no harm.
	n, err := incr.Call(ctx, c, 1)
	check(t, "counter", n, err, 1)
	if names := got(m.Names(ctx))(t); len(names) != 0 {
		t.Errorf("names %q, of objects that could not be made", names)
	}
	// Only what is registered runs, and only on objects of its type.
	unknown := MethodOf[*counter, int, int]{"unknown"}
	if _, err := unknown.Call(ctx, c, 1); err == nil || !strings.Contains(err.Error(), "registered") {
		t.Errorf("an unknown method: %v", err)
	}
	unmade := ObjectType[*counter, int]{"unknown"}
	if _, err := unmade.New(ctx, m, 1); err == nil || !strings.Contains(err.Error(), "registered") {
		t.Errorf("an unknown type: %v", err)
	}
	l := got(NewList[string](ctx, m))(t)
	j := got(journalType.New(ctx, m, l))(t)
	if _, err := incr.Call(ctx, &Object[*counter]{proxy[objectOf[*counter]]{j.ref}}, 1); err == nil || !strings.Contains(err.Error(), ErrType.Error()) {
		t.Errorf("an object of another type: %v", err)
	}
}

func TestCallsEndWithTheirContexts(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	c := got(counterType.New(ctx, m, 0))(t)
	if _, err := hang.Call(brief(t), c, struct{}{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	// The method has ended, too: it holds up no other.
	n, err := incr.Call(ctx, c, 1)
	check(t, "counter", n, err, 1)
	// And so has one whose client is gone, and one whose object is deleted.
	other := another(t, m)
	d := got(counterType.New(ctx, other.Named("d"), 0))(t)
	ended := make(chan error, 1)
	go func() { _, err := hang.Call(ctx, d, struct{}{}); ended <- err }()
	ok(t, other.Close())
	if err := <-ended; !errors.Is(err, ErrDisconnected) {
		t.Errorf("of a closed connection: %v", err)
	}
	d = got(counterType.New(ctx, m.Named("d"), 0))(t)
	n, err = incr.Call(ctx, d, 1)
	check(t, "counter", n, err, 1)
	ok(t, d.Delete(ctx))
	if _, err := incr.Call(ctx, d, 1); !errors.Is(err, multiproc.ErrClosed) {
		t.Errorf("of a deleted object: %v", err)
	}
}

func TestOneThatLocksItselfRunsCallsSideBySide(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	c := got(parallelType.New(ctx, m, struct{}{}))(t)
	first := make(chan error, 1)
	go func() { _, err := meetUp.Call(ctx, c, true); first <- err }()
	if _, err := meetUp.Call(ctx, c, false); err != nil {
		t.Error(err)
	}
	ok(t, <-first)
}

// The object of one manager writes into that of another, with a proxy that it
// got in its argument.
func TestObjectsAreClosed(t *testing.T) {
	ctx, m, log := soon(t), begin(t, Options{}), begin(t, Options{})
	l := got(NewList[string](ctx, log))(t)
	j := got(journalType.New(ctx, m, l))(t)
	got(journalType.New(ctx, m, l))(t)
	ok(t, j.Delete(ctx))
	ok(t, m.Shutdown(ctx)) // closes the other one, and waits for both
	if all := got(l.Slice(ctx, 0, 10))(t); !slices.Equal(all, []string{"closed", "closed"}) {
		t.Errorf("%q", all)
	}
}

func TestANameIsRegisteredOnce(t *testing.T) {
	r := registry{types: map[string]userType{}, methods: map[string]userMethod{}}
	r.addMethod("m", nil)
	if _, err := r.findMethod("m"); err != nil {
		t.Error(err)
	}
	r.addMethod("m", nil)
	if _, err := r.findMethod("m"); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("method: %v", err)
	}
	r.twice = ""
	r.addType("t", userType{})
	r.addType("t", userType{})
	if _, err := r.findType("t"); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("type: %v", err)
	}
}

// Many ask at once for a name that takes its time to be made.
func TestANamedObjectIsMadeOnce(t *testing.T) {
	s := NewServer()
	defer s.Close()
	l := got(connection.Listen("tcp", "127.0.0.1:0", connection.Options{}))(t)
	defer l.Close()
	served := make(chan error, 1)
	go func() { served <- s.Serve(t.Context(), l) }()
	var all sync.WaitGroup
	for range 20 {
		m := got(Connect(soon(t), "tcp", l.Addr().String(), connection.Options{}))(t)
		defer m.Close()
		all.Go(func() { got(slowType.New(soon(t), m.Named("slow"), 0))(t) })
	}
	all.Wait()
	if n := slowMade.n; n != 1 {
		t.Errorf("made %d times", n)
	}
	s.Close()
	ok(t, <-served)
}

var (
	slowMade struct {
		sync.Mutex
		n int
	}
	slowType = Type("slow", func(int) (fmt.Stringer, error) {
		slowMade.Lock()
		defer slowMade.Unlock()
		slowMade.n++
		runtime.Gosched()
		return nil, nil
	}, TypeOptions{})
)
