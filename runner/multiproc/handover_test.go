package multiproc

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// A chain holds what comes after it, or itself.
type chain struct {
	Next *chain
	Text string
}

func loop() *chain {
	c := &chain{Text: "loop"}
	c.Next = c
	return c
}

// touchy panics in its methods for encoding: always, or only for decoding.
type touchy struct{ Always bool }

func (t touchy) MarshalBinary() ([]byte, error) {
	if t.Always {
		panic("not to be encoded")
	}
	return []byte{1}, nil
}

func (*touchy) UnmarshalBinary([]byte) error { panic("not to be decoded") }

var (
	takeChain  = Func("takeChain", func(_ context.Context, c *chain) (string, error) { return c.Text, nil })
	makeLoop   = Func("makeLoop", func(context.Context, struct{}) (*chain, error) { return loop(), nil })
	takeTouchy = Func("takeTouchy", func(context.Context, touchy) (int, error) { return 0, nil })
	makeTouchy = Func("makeTouchy", func(_ context.Context, always bool) (touchy, error) { return touchy{always}, nil })

	withChain  = InitializerFunc("withChain", func(_ context.Context, c *chain) (*chain, error) { return c, nil }, nil)
	withTouchy = InitializerFunc("withTouchy", func(_ context.Context, c touchy) (touchy, error) { return c, nil }, nil)
)

// says tells that err is there and has the text.
func says(t *testing.T, what string, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: %v, want an error with %q", what, err, text)
	}
}

// A value that cannot travel is an error of its message, wherever that is sent,
// and of nothing else.
func TestWhatCannotTravelIsAnErrorEverywhere(t *testing.T) {
	ctx := soon(t)
	pool, err := NewPool(ctx, PoolOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer end(t, pool)
	worker, err := Apply(ctx, pool, pid, struct{}{})
	if err != nil {
		t.Fatal(err)
	}

	const nested, encoding, decoding = "holds itself", "not to be encoded", "not to be decoded"
	_, err = Apply(ctx, pool, takeChain, loop())
	says(t, "an argument of Apply", err, nested)
	_, err = Map(ctx, pool, takeChain, []*chain{{}, loop()}, MapOptions{})
	says(t, "an argument of Map", err, nested)
	_, err = Apply(ctx, pool, makeLoop, struct{}{})
	says(t, "a result of Apply", err, nested)
	_, err = Apply(ctx, pool, takeTouchy, touchy{true})
	says(t, "an argument of Apply", err, encoding)
	_, err = Apply(ctx, pool, takeTouchy, touchy{})
	says(t, "an argument of Apply", err, decoding)
	_, err = Apply(ctx, pool, makeTouchy, true)
	says(t, "a result of Apply", err, encoding)
	_, err = Apply(ctx, pool, makeTouchy, false)
	says(t, "a result of Apply", err, decoding)
	if again, err := Apply(ctx, pool, pid, struct{}{}); err != nil || again != worker {
		t.Errorf("the worker was %d and is %d, %v", worker, again, err)
	}

	_, err = takeChain.Start(loop(), Options{})
	says(t, "an argument of Start", err, nested)
	_, err = takeTouchy.Start(touchy{true}, Options{})
	says(t, "an argument of Start", err, encoding)
	for always, text := range map[bool]string{true: encoding, false: decoding} {
		p, err := makeTouchy.Start(always, Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Join(ctx)
		says(t, "a result of Start", err, text)
	}

	a, b, err := Pipe[touchy]()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = a.Close(), b.Close() }()
	says(t, "Send", a.Send(ctx, touchy{true}), encoding)
	if err := a.Send(ctx, touchy{}); err != nil {
		t.Fatal(err)
	}
	_, err = b.Recv(ctx)
	says(t, "Recv", err, decoding)
	says(t, "Send", TypedConn[*chain](a.Connection()).Send(ctx, loop()), nested)

	q, err := NewQueue[touchy](0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = q.Close() }()
	says(t, "Put", q.Put(ctx, touchy{true}), encoding)
	if err := q.Put(ctx, touchy{}); err != nil {
		t.Fatal(err)
	}
	_, err = q.Get(ctx)
	says(t, "Get", err, decoding)

	for text, i := range map[string]*Initialization{nested: withChain.With(loop()), encoding: withTouchy.With(touchy{true})} {
		_, err = NewPool(ctx, PoolOptions{Workers: 1, Initializer: i})
		says(t, "an argument of With", err, text)
	}
}

// reporting encodes itself, and uses this package for that.
type reporting struct{ report func() error }

func (r reporting) MarshalBinary() ([]byte, error)  { return []byte{1}, r.report() }
func (r *reporting) UnmarshalBinary(_ []byte) error { return nil }

// envelope has a file that only its methods know of.
type envelope struct{ f File }

func (e envelope) MarshalCBOR() ([]byte, error) { return cbor.Marshal([]File{e.f}) }
func (e *envelope) UnmarshalCBOR(b []byte) error {
	var files []File
	err := cbor.Unmarshal(b, &files)
	if len(files) == 1 {
		e.f = files[0]
	}
	return err
}

type parcel struct {
	R reporting
	E envelope
	X any
}

var openParcel = Func("openParcel", func(_ context.Context, p parcel) (string, error) { return p.E.f.Name(), nil })

// What encodes itself may do anything meanwhile, also send and start.
func TestEncodingMaySendAndStart(t *testing.T) {
	ctx := soon(t)
	q, err := NewQueue[any](0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = q.Close() }()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = r.Close(), w.Close() }()
	inner := parcel{R: reporting{func() error { return q.Put(ctx, "inside") }}, E: envelope{File{r}}, X: "x"}
	outer := parcel{E: envelope{File{w}}, R: reporting{func() error {
		p, err := openParcel.Start(inner, Options{})
		if err != nil {
			return err
		}
		_, err = p.Join(ctx)
		return err
	}}}
	p, err := openParcel.Start(outer, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Join(ctx); err != nil {
		t.Error(err)
	}
	if v, err := q.Get(ctx); v != "inside" || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	if err := q.Put(ctx, outer); err == nil { // which is a struct with methods in an interface
		t.Error("a file was put into a queue")
	}
}

var readShared = Func("readShared", func(_ context.Context, m *SharedMemory) (byte, error) { return m.Bytes()[0], nil })

// Starts at the same time take the same memory along, each to its own child.
func TestOneFileGoesWithManyStarts(t *testing.T) {
	m, err := NewSharedMemory(1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	m.Bytes()[0] = 7
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			p, err := readShared.Start(m, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := p.Join(soon(t)); got != 7 || err != nil {
				t.Errorf("%d, %v", got, err)
			}
		})
	}
	all.Wait()
}

// end ends a pool and waits until its processes have.
func end(t testing.TB, p *Pool) {
	t.Helper()
	p.Terminate()
	_ = p.Join(soon(t)) // says again what the tasks said
}
