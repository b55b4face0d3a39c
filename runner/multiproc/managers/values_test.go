package managers

import (
	"context"
	"strings"
	"testing"
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

// touchy panics where it is to encode itself, and where it is to be decoded.
type touchy string

func (t touchy) MarshalBinary() ([]byte, error) {
	if t == "both" {
		panic("not to be encoded")
	}
	return []byte(t), nil
}

func (*touchy) UnmarshalBinary([]byte) error { panic("not to be decoded") }

// hidden has a part that is left out as a key.
type hidden struct {
	A int
	B int `json:"-"`
}

var makeLoop = Method("counter.makeLoop", func(context.Context, *counter, struct{}) (*chain, error) { return loop(), nil })

// A value that cannot travel is an error of its call, and of nothing else.
func TestWhatCannotTravelIsAnError(t *testing.T) {
	m := begin(t, Options{})
	ctx := soon(t)
	says := func(what string, err error, text string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v, want an error with %q", what, err, text)
		}
	}
	chains := got(NewQueue[*chain](ctx, m, 0))(t)
	says("a loop in Put", chains.Put(ctx, loop()), "holds itself")
	c := got(counterType.New(ctx, m, 1))(t)
	_, err := makeLoop.Call(ctx, c, struct{}{})
	says("a loop as a result", err, "holds itself")

	values := got(NewQueue[touchy](ctx, m, 0))(t)
	says("a panic in Put", values.Put(ctx, "both"), "not to be encoded")
	ok(t, values.Put(ctx, "decoded"))
	_, err = values.Get(ctx)
	says("a panic in Get", err, "not to be decoded")

	keys := got(NewDict[touchy, int](ctx, m))(t)
	says("a panic in a key", keys.Set(ctx, "both", 1), "not to be encoded")
	ok(t, keys.Set(ctx, "decoded", 1))
	_, err = keys.Keys(ctx)
	says("a panic in Keys", err, "not to be decoded")

	_, err = NewDict[hidden, int](ctx, m)
	says("a key with a part that is left out", err, "field B of managers.hidden")
}
