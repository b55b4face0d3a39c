package multiproc

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
)

// family is the children of this process that live, or whose output is not in.
type family struct {
	mu   sync.Mutex
	live map[*Child]struct{}
}

var children = family{live: map[*Child]struct{}{}}

func (f *family) add(c *Child) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live[c] = struct{}{}
}

func (f *family) remove(c *Child) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.live, c)
}

func (f *family) all() []*Child {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*Child, 0, len(f.live))
	for c := range f.live {
		all = append(all, c)
	}
	return all
}

// ActiveChildren returns the living children of this process, by their ids.
func ActiveChildren() []*Child {
	all := slices.DeleteFunc(children.all(), func(c *Child) bool { return !c.Alive() })
	slices.SortFunc(all, func(a, b *Child) int { return cmp.Compare(a.proc.Pid, b.proc.Pid) })
	return all
}

// KillChildren ends every living child of this process at once and returns when
// they are reaped: for the last moment of a process that is about to exit.
func KillChildren() {
	terminatePools()
	all := children.all()
	for _, c := range all {
		_ = c.Kill() // it may have ended by itself
	}
	for _, c := range all {
		<-c.ended
	}
}

// terminatePools terminates the pools of this process, which otherwise would
// replace workers that are killed.
func terminatePools() {
	for _, c := range children.all() {
		if c.pool != nil {
			c.pool.Terminate()
		}
	}
}

// JoinChildren terminates pools, kills the children that are daemons and waits for the end of the
// others. It is what Python does at the end of the main program, which a Go
// program has no way to hook into: without it, children end with their parent.
// Go does it for a child whose function has returned.
func JoinChildren(ctx context.Context) error {
	var errs []error
	terminatePools()
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
