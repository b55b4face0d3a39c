package multiproc

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// A play is what a child of the tests below has to do with what it got. What it
// does first, it tells over its pipe; then it obeys what it is told there.
type play struct {
	Conn *Conn[string]

	Lock    *Lock
	RLock   *RLock
	Sem     *Semaphore
	Cond    *Condition
	Event   *Event
	Barrier *Barrier
	Queue   *Queue[int]
	Tasks   *JoinableQueue[int]
	Rounds  int
}

var (
	player      = Func("player", playOn)
	playerAgain = Function[play, int]{name: "player"}
)

// playOn obeys until its pipe closes.
func playOn(ctx context.Context, p play) (int, error) {
	for {
		word, err := p.Conn.Recv(ctx)
		if err != nil {
			return 0, err
		}
		answer := "ok"
		if err := p.obey(ctx, word); err != nil {
			answer = err.Error()
		}
		if err := p.Conn.Send(ctx, answer); err != nil {
			return 0, err
		}
	}
}

// obey does what a word says with the object that it is about.
func (p play) obey(ctx context.Context, word string) error {
	object, _, _ := strings.Cut(word, " ")
	switch object {
	case "cond":
		return p.obeyCondition(ctx, word)
	case "rlock":
		return p.obeyRLock(ctx, word)
	case "get", "put", "task":
		return p.obeyQueue(ctx, word)
	}
	switch word {
	case "acquire":
		return p.Lock.Acquire(ctx)
	case "try acquire":
		ok, err := p.Lock.TryAcquire()
		if err == nil && !ok {
			err = errTaken
		}
		return err
	case "release":
		return p.Lock.Release()
	case "acquire alone":
		if !p.Lock.acquireNow() {
			return errTaken
		}
		return nil
	case "release alone":
		if !p.Lock.word.Release(home.ID) {
			return ErrNotHeld
		}
		return nil
	case "sem acquire":
		return p.Sem.Acquire(ctx)
	case "sem release":
		return p.Sem.Release()
	case "event wait":
		return p.Event.Wait(ctx)
	case "event set":
		return p.Event.Set()
	case "barrier":
		for range p.Rounds {
			if _, err := p.Barrier.Wait(ctx); err != nil {
				return err
			}
		}
		return nil
	case "barrier act":
		return p.actAtBarrier(ctx)
	case "grandchild":
		return p.beParent(ctx)
	}
	return errors.New("what is " + word)
}

// errTaken is that of a lock that another holds.
var errTaken = errors.New("another holds it")

func (p play) obeyCondition(ctx context.Context, word string) error {
	switch word {
	case "cond acquire":
		return p.Cond.Acquire(ctx)
	case "cond wait":
		if err := errors.Join(p.Cond.Acquire(ctx), p.Conn.Send(ctx, "waiting")); err != nil {
			return err
		}
		if err := p.Cond.Wait(ctx); err != nil {
			return err
		}
		return p.Cond.Release()
	case "cond wait for":
		if err := errors.Join(p.Cond.Acquire(ctx), p.Conn.Send(ctx, "waiting")); err != nil {
			return err
		}
		err := p.Cond.WaitFor(ctx, func() (bool, error) { return p.Event.IsSet() })
		return errors.Join(err, p.Cond.Release())
	case "cond wait in vain":
		if err := p.Cond.Acquire(ctx); err != nil {
			return err
		}
		short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		err := p.Cond.WaitFor(short, func() (bool, error) { return p.Event.IsSet() })
		return errors.Join(err, p.Cond.Release())
	}
	return errors.New("what is " + word)
}

// obeyRLock acquires the lock twice, or tries to, and gives it back.
func (p play) obeyRLock(ctx context.Context, word string) error {
	switch word {
	case "rlock try":
		_, ok, err := p.RLock.TryAcquire(ctx)
		if err == nil && !ok {
			err = errTaken
		}
		return err
	case "rlock release": // of what it does not hold
		return p.RLock.Release(ctx)
	case "rlock twice":
		held, err := p.RLock.Acquire(ctx)
		if err != nil {
			return err
		}
		again, err := p.RLock.Acquire(held)
		if err := errors.Join(err, p.Conn.Send(ctx, "held twice")); err != nil {
			return err
		}
		if _, err := p.Conn.Recv(ctx); err != nil { // go on
			return err
		}
		if err := errors.Join(p.RLock.Release(again), p.Conn.Send(ctx, "held once")); err != nil {
			return err
		}
		if _, err := p.Conn.Recv(ctx); err != nil {
			return err
		}
		return p.RLock.Release(held)
	}
	return errors.New("what is " + word)
}

func (p play) obeyQueue(ctx context.Context, word string) error {
	switch word {
	case "get":
		_, err := p.Queue.Get(ctx)
		return err
	case "get task":
		_, err := p.Tasks.Get(ctx)
		return err
	case "task done":
		return p.Tasks.TaskDone()
	case "put many":
		for i := range p.Rounds {
			if err := p.Queue.Put(ctx, i); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("what is " + word)
}

// actAtBarrier meets the others, and says each time that it is the one which
// acts: by an item, where there is a queue.
func (p play) actAtBarrier(ctx context.Context) error {
	for range p.Rounds {
		if _, err := p.Barrier.WaitDo(ctx, func() error { return p.Queue.Put(ctx, os.Getpid()) }); err != nil {
			return err
		}
	}
	return nil
}

// beParent has a child of its own acquire the lock, and kills it if there are
// fewer than no rounds.
func (p play) beParent(ctx context.Context) error {
	here, there, err := Pipe[string]()
	if err != nil {
		return err
	}
	its := p
	its.Conn = there
	g, err := playerAgain.Start(its, Options{})
	if err != nil {
		return err
	}
	if err := here.Send(ctx, "acquire"); err != nil {
		return err
	}
	if _, err := here.Recv(ctx); err != nil || p.Rounds >= 0 {
		return err
	}
	return g.Kill()
}

// An actor is the test's side of a play.
type actor struct {
	t    *testing.T
	conn *Conn[string]
	*Process[int]
}

func act(t *testing.T, p play) *actor {
	t.Helper()
	return actIn(t, p, Options{})
}

// actIn is act with options for the child.
func actIn(t *testing.T, p play, o Options) *actor {
	t.Helper()
	here, there, err := Pipe[string]()
	if err != nil {
		t.Fatal(err)
	}
	p.Conn = there
	a := &actor{t, here, mustStart(t, player, p, o)}
	t.Cleanup(func() { _ = here.Close() })
	return a
}

// tell tells the child to do something, without waiting for its answer.
func (a *actor) tell(word string) {
	a.t.Helper()
	if err := a.conn.Send(a.t.Context(), word); err != nil {
		a.t.Fatal(err)
	}
}

// hear receives the child's answer.
func (a *actor) hear(want string) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), time.Minute)
	defer cancel()
	if got, err := a.conn.Recv(ctx); got != want || err != nil {
		a.t.Errorf("the child says %q, %v; want %q", got, err, want)
	}
}

// do is tell and hear.
func (a *actor) do(word, want string) {
	a.t.Helper()
	a.tell(word)
	a.hear(want)
}

func (a *actor) kill() {
	a.t.Helper()
	if err := a.Kill(); err != nil {
		a.t.Fatal(err)
	}
	<-a.Ended()
}

// soon is a context that ends only if something hangs.
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// over is a context that has ended.
func over(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// brief is a context that ends when what waits has begun to, or soon after: the
// tests that use it hold either way.
func brief(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}
