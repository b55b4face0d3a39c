package multiproc

import (
	"context"
	"errors"
	"strings"
	"testing"
)

var panicking = InitializerFunc("panicking", func(_ context.Context, text string) (int, error) { panicInside(text); return 0, nil }, nil)

func panicInside(text string) { panic(text) }

func TestPanicOfAnInitializerIsItsError(t *testing.T) {
	pool, err := NewPool(soon(t), PoolOptions{Workers: 1, Initializer: panicking.With("the user's own panic")})
	if err != nil {
		t.Fatal(err)
	}
	defer end(t, pool)
	_, err = Apply(soon(t), pool, square, 1)
	says(t, "the text", err, "the initializer failed: process ")
	says(t, "the text", err, "(panicking): panic: the user's own panic")
	if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.Stack, "panicInside") {
		t.Errorf("%#v has no stack of the panic", e)
	}
}

func TestInitializersHaveNamesOfTheirOwn(t *testing.T) {
	r := initializerRegistry{byName: map[string]initializer{}}
	r.add("i", nil)
	if _, err := r.find("i"); err != nil {
		t.Error(err)
	}
	_, err := r.find("other")
	says(t, "an unregistered one", err, `no initializer "other"`)
	_, err = r.find("")
	says(t, "one without a name", err, "without a name")
	r.add("i", nil)
	_, err = r.find("i")
	says(t, "one registered twice", err, "twice")

	_, err = NewPool(soon(t), PoolOptions{Workers: 1, Initializer: Initializer[int, int]{}.With(1)})
	says(t, "the zero Initializer", err, "without a name")
}
