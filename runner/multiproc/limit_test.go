package multiproc

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// bytesOf returns as many bytes as it is told, and how many it got.
var bytesOf = Func("bytesOf", func(_ context.Context, a sized) (sized, error) {
	return sized{make([]byte, a.Want), len(a.Data)}, nil
})

type sized struct {
	Data []byte
	Want int
}

func TestTheLimitOfMessagesHoldsBothWays(t *testing.T) {
	const most = 1 << 20
	o := Options{MaxMessage: most}
	if got, err := mustStart(t, bytesOf, sized{make([]byte, most/2), most / 2}, o).Join(soon(t)); len(got.Data) != most/2 || got.Want != most/2 || err != nil {
		t.Errorf("%d and %d bytes, %v", got.Want, len(got.Data), err)
	}
	if _, err := bytesOf.Start(sized{make([]byte, most+1), 0}, o); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("a large argument: %v", err)
	}
	if _, err := mustStart(t, bytesOf, sized{nil, most + 1}, o).Join(soon(t)); err == nil || !strings.Contains(err.Error(), "send the result: message too large") {
		t.Errorf("a large result: %v", err)
	}
	for _, most := range []int{-1, 1, math.MaxInt} {
		if _, err := bytesOf.Start(sized{}, Options{MaxMessage: most}); err == nil || !strings.Contains(err.Error(), "messages of up to") {
			t.Errorf("messages of up to %d bytes: %v", most, err)
		}
	}
}

func TestTheLimitOfMessagesCanBeRaised(t *testing.T) {
	if testing.Short() {
		t.Skip("takes hundreds of megabytes")
	}
	const large = wire.Limit + 1<<20
	got, err := mustStart(t, bytesOf, sized{make([]byte, large), large}, Options{MaxMessage: large + 1<<10}).Join(soon(t))
	if len(got.Data) != large || got.Want != large || err != nil {
		t.Errorf("%d and %d bytes, %v", got.Want, len(got.Data), err)
	}
}

// passAlong puts a value, gets it, and has a child do the same, which has a limit
// of its own.
var passAlong = Func("passAlong", func(ctx context.Context, a passing) (said []string, err error) {
	say := func(err error) {
		text := "done"
		if err != nil {
			text = err.Error()
		}
		said = append(said, text)
	}
	err = a.Queue.Put(ctx, strings.Repeat("x", a.Size))
	say(err)
	if err == nil {
		_, err := a.Queue.Get(ctx)
		say(err)
	}
	_, err = a.Larger.Get(ctx)
	say(err)
	if a.Below == 0 {
		return said, nil
	}
	p, err := passAlongAgain.Start(passing{a.Queue, a.Larger, a.Size, 0}, Options{MaxMessage: a.Below})
	if err != nil {
		return nil, err
	}
	below, err := p.Join(ctx)
	return append(said, below...), err
})

type passing struct {
	Queue, Larger *Queue[string]
	Size, Below   int
}

var passAlongAgain = Function[passing, []string]{name: "passAlong"} // Go has no other way to name it in itself

// A limit on the way of a value is met by its Put, or its Get.
func TestTheLimitOfMessagesHoldsForValuesOfQueues(t *testing.T) {
	const small, large = 16 << 10, 64 << 10
	for name, c := range map[string]struct {
		above, below int
		want         string
	}{
		"none":          {0, 4 * large, "done done done done done done"},
		"above is less": {small, 4 * large, "large large large large"},
		"below is less": {0, small, "done done done large large"},
	} {
		t.Run(name, func(t *testing.T) {
			q, larger := newQueue[string](t, 0), newQueue[string](t, 0)
			for range 2 { // the queue is here: nothing is on its way
				if err := larger.Put(soon(t), strings.Repeat("x", large)); err != nil {
					t.Fatal(err)
				}
			}
			said, err := mustStart(t, passAlong, passing{q, larger, large, c.below}, Options{MaxMessage: c.above}).Join(soon(t))
			if err != nil {
				t.Fatal(err)
			}
			var short []string
			for _, s := range said {
				if strings.Contains(s, "message too large") {
					s = "large"
				}
				short = append(short, s)
			}
			if got := strings.Join(short, " "); got != c.want {
				t.Errorf("%s, want %s: %q", got, c.want, said)
			}
			if n, err := q.Len(); n != 0 || err != nil {
				t.Errorf("%d values are in the queue, %v", n, err)
			}
		})
	}
}

// limits tells of which limit a connection makes an error, to send a message of a
// size and to receive the next one.
var limits = Func("limits", func(ctx context.Context, a limited) ([]string, error) {
	sent := a.Conn.Send(ctx, make([]byte, a.Size))
	_, received := a.Conn.Recv(ctx)
	if sent == nil || received == nil {
		return nil, errors.New("there is no limit")
	}
	return []string{sent.Error(), received.Error()}, nil
})

type limited struct {
	Conn *Connection
	Size int
}

func TestTheLimitOfAConnectionTravels(t *testing.T) {
	kinds(t, func(t *testing.T, here, there *Connection) {
		there.SetLimit(3)
		p := mustStart(t, limits, limited{there, 4}, Options{})
		if err := here.Send(soon(t), make([]byte, 5)); err != nil {
			t.Fatal(err)
		}
		said, err := p.Join(soon(t))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"4 bytes, and the limit is 3", "5 bytes, and the limit is 3"} {
			if !strings.Contains(said[i], want) {
				t.Errorf("%s, want %s", said[i], want)
			}
		}
	})
}
