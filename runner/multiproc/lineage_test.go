package multiproc

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// A lineage is what a process founds: a child, which has a child, and so on,
// none of which ends by itself.
type lineage struct {
	Depth int           // generations to come
	Up    *Sender[bool] // is told by the last one that all are there
	Vigil string        // where each keeps a connection open as long as it lives; empty for none
}

var (
	descendant      = Func("descendant", liveOn)
	descendantAgain = Function[lineage, int]{"descendant"} // Go has no other way to name it in itself
)

// liveOn is the life of one of a lineage.
func liveOn(ctx context.Context, l lineage) (int, error) {
	if l.Vigil != "" {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", l.Vigil)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		if _, err := c.Write([]byte{'x'}); err != nil { // a connection that nobody uses may be lost unseen
			return 0, err
		}
	}
	if l.Depth == 0 {
		if err := l.Up.Send(ctx, true); err != nil {
			return 0, err
		}
		select {}
	}
	if _, err := descendantAgain.Start(lineage{l.Depth - 1, l.Up, l.Vigil}, Options{}); err != nil {
		return 0, err
	}
	select {}
}

// foundLineage starts as many generations as it says and returns when all are
// there.
func foundLineage(ctx context.Context, l lineage) error {
	r, s, err := OneWayPipe[bool]()
	if err != nil {
		return err
	}
	l.Depth, l.Up = l.Depth-1, s
	if _, err := descendant.Start(l, Options{}); err != nil {
		return errors.Join(err, r.Close(), s.Close())
	}
	_, err = r.Recv(ctx)
	return errors.Join(err, r.Close())
}

// A vigil tells, on every system, whether descendants live: whatever ends a
// process, the system closes its connections.
type vigil struct {
	t        *testing.T
	listener net.Listener

	mu     sync.Mutex
	came   int
	living int
	last   time.Time // when one has ended
	conns  []net.Conn
	over   bool
	all    sync.WaitGroup
}

func newVigil(t *testing.T) *vigil {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := &vigil{t: t, listener: l}
	v.all.Go(v.accept)
	t.Cleanup(func() {
		_ = l.Close()
		v.mu.Lock()
		v.over = true
		for _, c := range v.conns {
			_ = c.Close() // of those that live on the test has told
		}
		v.mu.Unlock()
		v.all.Wait()
	})
	return v
}

func (v *vigil) address() string { return v.listener.Addr().String() }

func (v *vigil) accept() {
	for {
		c, err := v.listener.Accept()
		if err != nil {
			return // the test is over
		}
		v.all.Go(func() { v.attend(c) })
	}
}

// attend counts one descendant until it has ended.
func (v *vigil) attend(c net.Conn) {
	defer c.Close()
	v.mu.Lock()
	if v.over {
		v.mu.Unlock()
		return
	}
	v.came, v.living, v.conns = v.came+1, v.living+1, append(v.conns, c)
	v.mu.Unlock()
	_, _ = io.Copy(io.Discard, c) // until the end of the process, of whatever kind
	v.mu.Lock()
	defer v.mu.Unlock()
	v.living, v.last = v.living-1, time.Now()
}

func (v *vigil) count() (came, living int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.came, v.living
}

// await waits until so many have come.
func (v *vigil) await(n int) {
	v.t.Helper()
	eventually(v.t, "all there", func() bool { came, _ := v.count(); return came >= n })
}

// awaitTheEnd waits until none lives.
func (v *vigil) awaitTheEnd() {
	v.t.Helper()
	eventually(v.t, "without descendants", func() bool { _, living := v.count(); return living == 0 })
}

// lastEnd is when the last one has ended.
func (v *vigil) lastEnd() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last
}

// lead is a parent of workers that is about to die: it runs tasks that have
// children and grandchildren, and does not come back.
var lead = Func("lead", func(ctx context.Context, vigil string) (int, error) {
	p, err := NewPool(ctx, PoolOptions{Workers: 2})
	if err != nil {
		return 0, err
	}
	_, err = Map(ctx, p, haveDescendants, []string{vigil, vigil}, MapOptions{Chunk: 1})
	return 0, err
})

var haveDescendants = Func("haveDescendants", func(ctx context.Context, vigil string) (int, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", vigil)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if _, err := c.Write([]byte{'x'}); err != nil {
		return 0, err
	}
	if err := foundLineage(ctx, lineage{Depth: 2, Vigil: vigil}); err != nil {
		return 0, err
	}
	select {}
})

// What others suffer: orphans when the parent is killed.
func TestTheWorkersOfADeadParentEndWithTheirChildren(t *testing.T) {
	leavesNothing(t)
	v := newVigil(t)
	p := mustStart(t, lead, v.address(), Options{})
	v.await(6) // two workers, with a child and a grandchild each
	killed := time.Now()
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.Ended()
	v.awaitTheEnd()
	t.Logf("all six have ended %s after the kill", v.lastEnd().Sub(killed).Round(time.Millisecond))
}

// In Python the grandchild is told that its parent has died (test_parent_process).
// Here it ends with it.
func TestPyParentProcess(t *testing.T) {
	leavesNothing(t)
	v := newVigil(t)
	r, s, err := OneWayPipe[bool]()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := mustStart(t, descendant, lineage{1, s, v.address()}, Options{})
	if _, err := r.Recv(soon(t)); err != nil {
		t.Fatal(err)
	}
	v.await(2)
	killed := time.Now()
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.Ended()
	v.awaitTheEnd()
	t.Logf("the grandchild has ended %s after the kill", v.lastEnd().Sub(killed).Round(time.Millisecond))
}
