package multiproc

import (
	"cmp"
	"context"
	"errors"
	"maps"
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

// poolList is the pools of this process that have not ended. They are not found
// by their processes: of those a pool may have none for a while, and then start
// some.
type poolList struct {
	mu   sync.Mutex
	live map[*Pool]struct{}
}

var pools = poolList{live: map[*Pool]struct{}{}}

func (l *poolList) add(p *Pool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live[p] = struct{}{}
}

func (l *poolList) remove(p *Pool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.live, p)
}

// spareList is the spares of this process that are not closed.
type spareList struct {
	mu   sync.Mutex
	live map[*Spares]struct{}
}

var spares = spareList{live: map[*Spares]struct{}{}}

func (l *spareList) add(s *Spares) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live[s] = struct{}{}
}

func (l *spareList) remove(s *Spares) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.live, s)
}

// close closes them all.
func (l *spareList) close() {
	l.mu.Lock()
	all := slices.Collect(maps.Keys(l.live))
	l.mu.Unlock()
	for _, s := range all {
		_ = s.Close() // which waits for their end
	}
}

// terminate terminates them all, which otherwise would replace workers that are
// killed.
func (l *poolList) terminate() {
	l.mu.Lock()
	all := slices.Collect(maps.Keys(l.live))
	l.mu.Unlock()
	for _, p := range all {
		p.Terminate()
	}
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
	pools.terminate()
	spares.close()
	all := children.all()
	for _, c := range all {
		_ = c.Kill() // it may have ended by itself
	}
	for _, c := range all {
		<-c.ended
	}
}

// JoinChildren terminates the pools of this process, closes its spares, kills the
// children that are daemons and waits for the end of the others. It is what Python does at the end
// of the main program, which a Go program has no way to hook into: without it,
// children end with their parent. Go does it for a child whose function has
// returned.
func JoinChildren(ctx context.Context) error {
	var errs []error
	pools.terminate()
	spares.close()
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
