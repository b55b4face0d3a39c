package managers

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/connection"
)

// serverFiles counts the descriptors of the server that it runs in.
var serverFiles = Method("serverFiles", func(_ context.Context, _ *counter, _ struct{}) (int, error) {
	entries, err := os.ReadDir("/proc/self/fd")
	return len(entries), err
})

func files(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	ok(t, err)
	return len(entries)
}

func TestNoDescriptorsAreLeft(t *testing.T) {
	m := begin(t, Options{})
	c := got(counterType.New(soon(t), m, 0))(t)
	one := func(t *testing.T) {
		t.Helper()
		got(NewLock(soon(t), another(t, m)))(t)
		own := begin(t, Options{Network: "tcp"})
		ok(t, own.Shutdown(soon(t)))
	}
	closing := func(n int) {
		t.Run("", func(t *testing.T) { // whose end closes what it has opened
			for range n {
				one(t)
				_, _ = Connect(soon(t), m.Network(), m.Address(), connection.Options{Key: []byte("wrong")})
			}
		})
	}
	closing(1)
	here, there := files(t), got(serverFiles.Call(soon(t), c, struct{}{}))(t)
	closing(10)
	// The server hears of the end of a connection a moment later.
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		now, then := files(t), got(serverFiles.Call(soon(t), c, struct{}{}))(t)
		if now <= here && then <= there {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d descriptors, there were %d; at the server %d, there were %d", now, here, then, there)
		}
	}
	if n := len(multiproc.ActiveChildren()); n != 1 {
		t.Errorf("%d children, want the server", n)
	}
}
