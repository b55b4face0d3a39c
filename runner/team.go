package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/gvp-bench/gvp/results"
)

// A team is workers that live in goroutines of this process and take chunks of
// units from one source. It is the crew of the modes inside the host, and
// what is inside each worker process.
type team struct {
	cuts    []uint64 // of folds
	members []*member
	turns   []chan func(*member) // one a member: what its goroutine does next
}

// newTeam brings up n workers, numbered from first on, each in a goroutine
// that lasts until close; with threads, locked to an OS thread of its own.
func newTeam(t task, first, n int, threads bool) (*team, error) {
	tm := &team{cuts: t.cuts}
	for id := first; id < first+n; id++ {
		m, err := newMember(t, id)
		if err != nil {
			return nil, errors.Join(err, tm.close())
		}
		turns := make(chan func(*member))
		tm.members = append(tm.members, m)
		tm.turns = append(tm.turns, turns)
		go func() {
			if threads {
				runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
			}
			if t.profile != "" {
				pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("worker", "w"+strconv.Itoa(id))))
			}
			for turn := range turns {
				turn(m)
			}
		}()
	}
	return tm, nil
}

// each has every member do f in its own goroutine, all at once, and waits.
func (t *team) each(f func(*member) error) error {
	errs := make([]error, len(t.members)) // a slot each: no lock while working
	var busy sync.WaitGroup
	busy.Add(len(t.members))
	for i, turns := range t.turns {
		turns <- func(m *member) {
			defer busy.Done()
			errs[i] = f(m)
		}
	}
	busy.Wait()
	return firstOf(errs)
}

// firstOf returns the first error and says how many there are: workers that
// fail together mostly fail of one cause, which is told once.
func firstOf(errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return fmt.Errorf("%w (and %d more)", errs[0], len(errs)-1)
}

func (t *team) warm(_ context.Context, n uint64) error {
	return t.each(func(m *member) error { return m.warm(n) })
}

// do feeds the members from a goroutine of its own: the dispatcher.
func (t *team) do(ctx context.Context, n, chunk uint64) (results.Fold, error) {
	// One chunk ahead for each worker, as the process modes keep one ahead in
	// each pipe: in no mode does a worker wait for the dispatcher between two.
	chunks := make(chan span, len(t.members))
	var failed atomic.Bool
	go func() {
		defer close(chunks)
		d := dispenser{n: n, chunk: chunk, workers: uint64(len(t.members))}
		for s, ok := d.take(0); ok && !failed.Load() && ctx.Err() == nil; s, ok = d.take(0) {
			chunks <- s
		}
	}()
	next := func() (span, bool) {
		s, ok := <-chunks
		return s, ok
	}
	fold, err := t.drain(next, func(_ span, err error) {
		if err != nil {
			failed.Store(true)
		}
	})
	if err == nil {
		err = ctx.Err()
	}
	return fold, err
}

// drain has the members take chunks from next until there are none. After each
// chunk its worker calls finished; after a failed one it does no further units,
// but goes on taking chunks, so that whoever hands them out is never stuck.
func (t *team) drain(next func() (span, bool), finished func(span, error)) (results.Fold, error) {
	err := t.each(func(m *member) error {
		m.begin()
		var err error
		for s, ok := next(); ok; s, ok = next() {
			if err == nil {
				err = m.do(s)
			}
			finished(s, err)
		}
		return err
	})
	fold := results.NewFold(t.cuts)
	for _, m := range t.members {
		err = errors.Join(err, fold.Merge(m.fold))
	}
	return fold, err
}

func (t *team) latency() *histogram {
	h := newHistogram()
	for _, m := range t.members {
		h.merge(m.latency)
	}
	return h
}

func (t *team) report(context.Context) (crewReport, error) {
	peak, err := peakMemory(nil)
	return crewReport{latency: t.latency(), peak: peak}, err
}

func (t *team) close() error {
	var errs []error
	for i, m := range t.members {
		close(t.turns[i])
		errs = append(errs, m.close())
	}
	return errors.Join(errs...)
}
