package multiproc

import (
	"context"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Lock is held by one process at a time. Between the goroutines of one
// process it excludes as well, but any of them may release what another has
// acquired; another process may not.
//
// A Lock may be used by the process that made it and by all of its descendants
// that got it in a message. See [ErrOwnerDied] for what becomes of it when its
// holder dies.
type Lock struct {
	ref
	word hub.Word // in memory that the one who made it shares with its children; none for others
}

// NewLock returns a lock that nobody holds.
func NewLock() *Lock {
	places := ownPlaces()
	number := home.AddLock(places)
	return &Lock{ref{home.ID, number}, hub.WordAt(places, number)}
}

// MarshalCBOR encodes where the lock is.
func (l Lock) MarshalCBOR() ([]byte, error) { return l.ref.MarshalCBOR() }

// UnmarshalCBOR decodes where the lock is.
func (l *Lock) UnmarshalCBOR(b []byte) error {
	if err := l.ref.UnmarshalCBOR(b); err != nil {
		return err
	}
	switch l.hub {
	case home.ID:
		l.word = hub.WordAt(ownPlaces(), l.object)
	case above.hub:
		l.word = hub.WordAt(above.places, l.object)
	}
	return nil
}

// acquireNow acquires the lock without asking the one who made it, and reports
// whether it did: if nobody holds it or waits for it.
func (l *Lock) acquireNow() bool {
	if l.hub != home.ID && !above.known.Load() || !l.word.Acquire(home.ID) {
		return false
	}
	raceAcquired(l.object)
	return true
}

// Acquire waits for the lock.
func (l *Lock) Acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.acquireNow() {
		return nil
	}
	_, err := l.begin(ctx, hub.LockAcquire, nil)
	return err
}

// TryAcquire acquires the lock if nobody holds it, and reports whether it did.
func (l *Lock) TryAcquire() (bool, error) {
	if l.acquireNow() {
		return true, nil
	}
	return l.try(hub.LockTryAcquire, nil, hub.ErrBusy)
}

// Release releases the lock.
func (l *Lock) Release() error {
	raceReleased(l.object)
	if l.word.Release(home.ID) {
		return nil
	}
	_, err := l.now(hub.LockRelease)
	return err
}

// Locked tells whether anybody holds the lock.
func (l *Lock) Locked() (bool, error) { return l.truth(hub.LockHeld) }

// Close ends the lock: whoever waits for it gets [ErrClosed]. Only the process
// that made it can do that.
func (l *Lock) Close() error { return l.close() }
