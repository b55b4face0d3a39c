package multiproc

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
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
	descendantAgain = Function[lineage, int]{name: "descendant"} // Go has no other way to name it in itself
)

// liveOn is the life of one of a lineage.
func liveOn(ctx context.Context, l lineage) (int, error) {
	if l.Vigil != "" {
		c, err := appear(ctx, l.Vigil)
		if err != nil {
			return 0, err
		}
		defer c.Close()
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

// appear tells a vigil that this process lives, as long as the connection does.
func appear(ctx context.Context, vigil string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", vigil)
	if err != nil {
		return nil, err
	}
	if _, err := c.Write([]byte{'x'}); err != nil { // one that nobody uses may be lost unseen
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
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

// A station is the stage at which the workers of a pool lose their parent. Then
// each has a child and a grandchild.
type station struct{ Stage, Vigil string }

// The stages of a station.
const (
	inInitializer = "in the initializer"
	beforeTask    = "before the first task"
	inTask        = "in a task"
	whileSends    = "while it sends"
	inTeardown    = "at shutdown"
)

// lead is a parent that is about to die: it has the workers of a pool come to a
// stage, and does not come back. Of what cannot be seen in a worker, it tells the
// vigil itself.
var lead = Func("lead", func(ctx context.Context, s station) (int, error) {
	o := PoolOptions{Workers: 2, Initializer: atStation.With(s)}
	if s.Stage == whileSends { // where the worker stops its parent
		o.Workers = 1
	}
	p, err := NewPool(ctx, o)
	if err != nil {
		return 0, err
	}
	switch s.Stage {
	case beforeTask:
		for ready := false; !ready; runtime.Gosched() {
			p.mu.Lock()
			ready = len(p.idle) == o.Workers
			p.mu.Unlock()
		}
		c, err := appear(ctx, s.Vigil)
		if err != nil {
			return 0, err
		}
		defer c.Close()
	case inTask:
		if _, err := Map(ctx, p, haveDescendants, []string{s.Vigil, s.Vigil}, MapOptions{Chunk: 1}); err != nil {
			return 0, err
		}
	case whileSends:
		if _, err := Apply(ctx, p, sendAndStay, s.Vigil); err != nil {
			return 0, err
		}
	case inTeardown:
		p.Close()
		if err := p.Join(ctx); err != nil {
			return 0, err
		}
	}
	select {}
})

// A post is the state of a worker at its station.
type post struct {
	station
	conn net.Conn // to the vigil; nil before that
}

var atStation = InitializerFunc("atStation",
	func(ctx context.Context, s station) (post, error) {
		p := post{station: s}
		if s.Stage != inInitializer && s.Stage != beforeTask {
			return p, nil
		}
		c, err := settleDown(ctx, s.Vigil)
		if err == nil && s.Stage == inInitializer {
			defer c.Close()
			select {}
		}
		p.conn = c
		return p, err
	},
	func(p post) error {
		if p.Stage != inTeardown {
			return nil
		}
		c, err := settleDown(context.Background(), p.Vigil)
		if err != nil {
			return err
		}
		defer c.Close()
		select {}
	})

var haveDescendants = Func("haveDescendants", func(ctx context.Context, vigil string) (int, error) {
	c, err := settleDown(ctx, vigil)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	select {}
})

// sendAndStay has descendants, and a result that nobody takes in.
var sendAndStay = Func("sendAndStay", func(ctx context.Context, vigil string) ([]byte, error) {
	c, err := settleDown(ctx, vigil)
	if err != nil {
		return nil, err
	}
	return sendToTheStopped(func() error {
		defer c.Close()
		sends, err := appear(ctx, vigil)
		if err != nil {
			return err
		}
		defer sends.Close()
		select {}
	})
})

// settleDown appears at the vigil, with a child and a grandchild.
func settleDown(ctx context.Context, vigil string) (net.Conn, error) {
	c, err := appear(ctx, vigil)
	if err != nil {
		return nil, err
	}
	if err := foundLineage(ctx, lineage{Depth: 2, Vigil: vigil}); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// What others suffer: orphans when the parent is killed, whatever its workers are
// at.
func TestTheWorkersOfADeadParentEndWithTheirChildren(t *testing.T) {
	if startsOutliveKills() {
		t.Skip("Wine keeps a process for ever whose parent was killed while it started it")
	}
	for stage, all := range map[string]int{
		inInitializer: 6, // two workers, with a child and a grandchild each
		beforeTask:    7, // and the parent
		inTask:        6,
		whileSends:    4, // one worker, with its descendants, and what tells that it sends
		inTeardown:    6,
	} {
		t.Run(strings.ReplaceAll(stage, " ", "_"), func(t *testing.T) {
			if stage == whileSends {
				takes(t, "stop while sending")
			}
			leavesNothing(t)
			v := newVigil(t)
			p := mustStart(t, lead, station{stage, v.address()}, Options{})
			v.await(all)
			killed := time.Now()
			if err := p.proc.Process.Kill(); err != nil { // it alone, and not its group
				t.Fatal(err)
			}
			<-p.Ended()
			v.awaitTheEnd()
			t.Logf("all have ended %s after the kill", v.lastEnd().Sub(killed).Round(time.Millisecond))
		})
	}
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
