package multiproc

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
)

// A register is what there is of one kind in this process.
type register[T comparable] struct {
	mu   sync.Mutex
	live map[T]struct{}
}

var (
	// children are those that live, or whose output is not in.
	children register[*Child]

	// pools are those that have not ended. They are not found by their processes:
	// of those a pool may have none for a while, and then start some.
	pools register[*Pool]

	// spares are those that are not closed.
	spares register[*Spares]
)

func (r *register[T]) add(one T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live == nil {
		r.live = map[T]struct{}{}
	}
	r.live[one] = struct{}{}
}

func (r *register[T]) remove(one T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.live, one)
}

func (r *register[T]) all() []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Keys(r.live))
}

// ActiveChildren returns the living children of this process, by their ids.
func ActiveChildren() []*Child {
	all := slices.DeleteFunc(children.all(), func(c *Child) bool { return !c.Alive() })
	slices.SortFunc(all, func(a, b *Child) int { return cmp.Compare(a.proc.Pid, b.proc.Pid) })
	return all
}

// KillChildren ends every living child of this process at once and returns when
// they are reaped: for the last moment of a process that is about to exit. It
// terminates the pools of this process, also those that have no process at the
// moment, and closes its spares.
func KillChildren() {
	endStarters()
	all := children.all()
	for _, c := range all {
		_ = c.Kill() // it may have ended by itself
	}
	for _, c := range all {
		<-c.ended
	}
}

// endStarters ends what otherwise would start processes in the place of those
// that are killed.
func endStarters() {
	for _, p := range pools.all() {
		p.Terminate()
	}
	for _, s := range spares.all() {
		_ = s.Close() // which fails for a zero value alone
	}
}

// JoinChildren terminates the pools of this process, closes its spares, kills the
// children that are daemons and waits for the end of the others. It is what
// Python does at the end of the main program, which a Go program has no way to
// hook into: without it, children end with their parent. Go does it for a child
// whose function has returned.
func JoinChildren(ctx context.Context) error {
	var errs []error
	endStarters()
	for _, c := range children.all() {
		if c.daemon {
			errs = append(errs, c.Kill())
		}
	}
	for _, c := range children.all() {
		errs = append(errs, c.Wait(ctx))
	}
	return errors.Join(errs...)
}

// endChildren is JoinChildren in a child whose function has returned.
func endChildren() {
	_ = JoinChildren(context.Background()) // what became of them is theirs to tell
}
