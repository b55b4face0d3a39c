package multiproc

import (
	"context"
	"errors"
	"testing"
)

// What others suffer: a lock is lost with its dead holder. Here the next one is
// told, and nobody hangs.

func TestALockOutlivesItsHolder(t *testing.T) {
	l := NewLock()
	defer l.Close()
	a := act(t, play{Lock: l})
	a.do("acquire", "ok")
	b := act(t, play{Lock: l})
	b.tell("acquire")
	a.kill()
	b.hear(ErrOwnerDied.Error())
	b.do("acquire", "ok")
	b.do("release", "ok")

	a = act(t, play{Lock: l}) // nobody waits when it dies
	a.do("acquire", "ok")
	a.kill()
	if err := l.Acquire(soon(t)); !errors.Is(err, ErrOwnerDied) {
		t.Errorf("the next one: %v", err)
	}
	if err := errors.Join(l.Acquire(soon(t)), l.Release()); err != nil {
		t.Error(err)
	}

	a = act(t, play{Lock: l}) // it dies while it waits
	if err := l.Acquire(soon(t)); err != nil {
		t.Fatal(err)
	}
	a.tell("acquire")
	a.kill()
	if err := errors.Join(l.Release(), l.Acquire(soon(t))); err != nil {
		t.Error(err)
	}
}

// The parent hears nothing of a lock that nobody else wants, and yet knows who had
// it at its end. It is a lock like any other.
func TestALockThatWasHadWithoutAskingOutlivesItsHolder(t *testing.T) {
	l := NewLock()
	defer l.Close()
	a := act(t, play{Lock: l})
	a.do("acquire", "ok") // the parent learns of it
	a.do("release", "ok")
	a.do("acquire alone", "ok")
	if held, err := l.Locked(); !held || err != nil {
		t.Errorf("locked: %t, %v", held, err)
	}
	a.do("release alone", "ok")
	a.do("acquire alone", "ok")
	a.kill()
	if _, err := l.TryAcquire(); !errors.Is(err, ErrOwnerDied) {
		t.Errorf("the next one: %v", err)
	}
	if !l.acquireNow() {
		t.Error("it is not free after that")
	}
	b := act(t, play{Lock: l})
	b.tell("acquire")
	if err := l.Release(); err != nil {
		t.Error(err)
	}
	b.hear("ok")
	b.do("release", "ok")
}

// A process that its parent does not know, as it has never asked for anything,
// would take a lock along to its grave: it asks.
func TestALockIsNotHadWithoutTheParentKnowing(t *testing.T) {
	l := NewLock()
	defer l.Close()
	a := act(t, play{Lock: l})
	a.do("acquire alone", errTaken.Error())
}

func TestPermitsOfTheDeadComeBack(t *testing.T) {
	s, err := NewSemaphore(2)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a, b := act(t, play{Sem: s}), act(t, play{Sem: s})
	a.do("sem acquire", "ok")
	a.do("sem acquire", "ok")
	b.tell("sem acquire")
	a.kill()
	b.hear(ErrOwnerDied.Error())
	b.do("sem acquire", "ok")
	if n, err := s.Value(); n != 1 || err != nil {
		t.Errorf("%d permits, %v", n, err)
	}
}

func TestAConditionOutlivesTheHolderOfItsLock(t *testing.T) {
	c := newCondition(t)
	waiter := act(t, play{Cond: c})
	waiter.do("cond wait", "waiting")
	holder := act(t, play{Cond: c})
	holder.do("cond acquire", "ok")
	holder.kill()
	waiter.hear(ErrOwnerDied.Error()) // what it waits for was perhaps up to the dead one
	if err := errors.Join(c.Acquire(soon(t)), c.NotifyAll(), c.Release()); err != nil {
		t.Error(err)
	}

	holder = act(t, play{Cond: c}) // nobody waits when it dies
	holder.do("cond acquire", "ok")
	holder.kill()
	if err := c.Acquire(soon(t)); !errors.Is(err, ErrOwnerDied) {
		t.Errorf("the next one: %v", err)
	}
}

func TestABarrierBreaksWhenAPartyDies(t *testing.T) {
	b, err := NewBarrier(3)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	one, two := act(t, play{Barrier: b, Rounds: 1}), act(t, play{Barrier: b, Rounds: 1})
	one.tell("barrier")
	two.tell("barrier")
	for n := 0; n != 2; {
		if n, err = b.Waiting(); err != nil {
			t.Fatal(err)
		}
	}
	one.kill()
	two.hear(ErrBroken.Error())
}

func TestTasksOfTheDeadDoNotKeepAJoinWaiting(t *testing.T) {
	q, err := NewJoinableQueue[int](0)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if err := q.Put(soon(t), 1); err != nil {
		t.Fatal(err)
	}
	a := act(t, play{Tasks: q})
	a.do("get task", "ok")
	joined := make(chan error)
	go func() { joined <- q.Join(soon(t)) }()
	a.kill()
	if err := <-joined; !errors.Is(err, ErrOwnerDied) {
		t.Errorf("%v", err)
	}
	if err := q.Join(soon(t)); err != nil {
		t.Errorf("told twice: %v", err)
	}
}

// A grandchild reaches the object through its parent. When that one dies, the
// grandchild does, and what it held is free.
func TestGrandchildrenHoldAndLose(t *testing.T) {
	l := NewLock()
	defer l.Close()
	for name, end := range map[string]func(*actor){
		"the grandchild dies": func(*actor) {}, // at once, killed by its parent
		"its parent dies":     (*actor).kill,
	} {
		t.Run(name, func(t *testing.T) {
			rounds := 0
			if name == "the grandchild dies" {
				rounds = -1
			}
			a := act(t, play{Lock: l, Rounds: rounds})
			a.do("grandchild", "ok")
			end(a)
			if err := l.Acquire(soon(t)); !errors.Is(err, ErrOwnerDied) {
				t.Errorf("the next one: %v", err)
			}
			if err := errors.Join(l.Acquire(soon(t)), l.Release()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestObjectsOfStrangersAreOutOfReach(t *testing.T) {
	p := mustStart(t, makeLock, struct{}{}, Options{})
	l, err := p.Join(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Acquire(soon(t)); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a lock of a child: %v", err)
	}
	if err := l.Close(); !errors.Is(err, ErrNotOwner) {
		t.Errorf("closing it: %v", err)
	}
	if known, err := mustStart(t, outOfReach, l, Options{}).Join(soon(t)); !known || err != nil {
		t.Errorf("a child knows the error of a lock of another child: %v, %v", known, err)
	}
}

// outOfReach tells whether a lock is out of reach, by an error that came from
// the parent.
var outOfReach = Func("outOfReach", func(ctx context.Context, l *Lock) (bool, error) {
	return errors.Is(l.Acquire(ctx), ErrUnreachable), nil
})
