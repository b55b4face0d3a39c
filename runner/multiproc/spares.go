package multiproc

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"sync"
)

// Spares are processes that were started in advance and wait for a function to
// run: a child that takes one over begins in a fraction of the time that it takes
// to start a process. Which way a child went, [Child.Warm] tells.
//
// A spare has the environment, the working directory, the limits and the CPUs
// that there were when it was started, and the stdio that there was at NewSpares.
// Its package variables are initialised, and init functions run, when it starts,
// and not when it is taken; what they use and write is the child's, also in
// [Child.State]. A child whose files there are no descriptors for in the spare
// ends with exit status 4, where a cold one does not start.
//
// Each spare that is taken, or dies, is replaced in the background by another;
// that takes as long as any start, so that of many starts at once those beyond
// the number of spares are cold. Where they die again and again, that ends until
// somebody takes one, or waits. Idle ones use no CPU, but memory. They are gone
// with this process, as children are; before that, Close is the caller's to call.
type Spares struct {
	options Options
	around  surroundings
	most    int

	mu       sync.Mutex
	changed  *sync.Cond
	vessels  map[*vessel]bool     // whether it is ready
	leaving  map[*vessel]struct{} // those that somebody is about to take, or that are killed
	starting int                  // goroutines that are about to start one
	failed   int                  // spares in a row that came to nothing
	died     int                  // that were ready, and died since the last one was taken
	err      error                // why the last of those did
	closed   bool
}

// startsAtOnce is how many spares are started at a time: they are started by one
// thread, which others use as well.
const startsAtOnce = 2

// ErrSparesClosed is that of starting a child from spares that were closed.
var ErrSparesClosed = errors.New("the spares are closed: make others with NewSpares")

// NewSpares starts n processes to be taken over. Of the options, Env, Stdout,
// Stderr, MaxMessage and CPUs are those of the children that they become; the
// others are each child's own, and an error here. A file as Stdout or Stderr is
// to stay open until Close. It does not wait until they are ready: [Spares.Wait]
// does, and tells if they cannot be had.
func NewSpares(n int, o Options) (*Spares, error) {
	switch {
	case n < 1 || n > mostWorkers:
		return nil, fmt.Errorf("%d spares: want at least 1, and at most %d", n, mostWorkers)
	case o.Name != "" || o.Daemon || o.Spares != nil:
		return nil, errors.New("Name, Daemon and Spares are options of each child, not of spares")
	case current.daemon:
		return nil, ErrDaemon
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := functions.ready(); err != nil {
		return nil, err
	}
	o.Env, o.CPUs = slices.Clone(o.Env), slices.Clone(o.CPUs)
	s := &Spares{options: o, around: currentSurroundings(), most: n, vessels: map[*vessel]bool{}, leaving: map[*vessel]struct{}{}}
	s.changed = sync.NewCond(&s.mu)
	shareWriters(&s.options.Stdout, &s.options.Stderr)
	spares.add(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refill()
	return s, nil
}

// refill starts what is missing, in the background, as far as it can be had: one
// at a time after one that could not. The lock is held.
func (s *Spares) refill() {
	for !s.closed && !s.isHopeless() && len(s.vessels)+s.starting < s.most && s.starting < startsAtOnce {
		if s.failed > 0 && s.starting+s.unready() > 0 {
			break
		}
		s.starting++
		go s.start()
	}
	s.changed.Broadcast()
}

// isHopeless tells whether no more are started for now. The lock is held.
func (s *Spares) isHopeless() bool { return s.failed >= failedStarts || s.died >= s.most+failedStarts }

// tryAgain has some more started, since they are wanted. The lock is held.
func (s *Spares) tryAgain() {
	s.failed, s.died = min(s.failed, failedStarts-1), 0
	s.refill()
}

// unready is how many have been started that are not ready. The lock is held.
func (s *Spares) unready() int { return len(s.vessels) - s.ready() }

// start starts one spare.
func (s *Spares) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.refill()
	defer func() { s.starting-- }()
	if s.closed {
		return
	}
	s.mu.Unlock()
	v, err := launch(spareName, s.options, s.around, nil)
	s.mu.Lock()
	if err != nil {
		s.failed++
		s.err = err
		return
	}
	s.vessels[v] = false
	v.spares = s
	go v.attend()
	if s.closed {
		_ = v.proc.Kill() // it may have ended by itself
	}
}

// isReady is called when a spare waits for its greeting.
func (s *Spares) isReady(v *vessel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.vessels[v]; ok {
		s.vessels[v] = true
		s.failed = 0
		s.refill()
	}
}

// isLost is called when a spare has ended, and is reaped, that nobody has taken.
func (s *Spares) isLost(v *vessel, end death) {
	_ = v.closePost()
	s.mu.Lock()
	defer s.mu.Unlock()
	ready, ours := s.vessels[v]
	delete(s.vessels, v)
	delete(s.leaving, v)
	if ours && !s.closed {
		if ready {
			s.died++
		} else {
			s.failed++
		}
		s.err = end.err
		if end.err == nil {
			s.err = fmt.Errorf("process %d ended before it was taken: %s", v.proc.Pid, end.state)
		}
	}
	s.refill()
}

// take makes a child of a spare. It reports false where there is none to take,
// and for files that cannot be sent to one.
func (s *Spares) take(c *Child, g greeting, files []*os.File) (bool, error) {
	if s == nil {
		return false, nil
	}
	if s.changed == nil {
		return false, errZeroSpares
	}
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return false, ErrSparesClosed
	}
	// What is wrong with the greeting is found out before it costs a spare.
	g.files = slices.Repeat([]uint64{math.MaxUint64}, min(len(files), mostMail))
	hello, err := g.frame(s.options.most())
	if len(files) > mostMail || err != nil {
		return false, err
	}
	defer func() { // after the child has what it needs
		s.mu.Lock()
		defer s.mu.Unlock()
		s.tryAgain()
	}()
	for {
		v, ready := s.next()
		if v == nil {
			return false, nil
		}
		if len(files) > 0 {
			if g.files, err = v.mail(files); err == nil {
				hello, err = g.frame(v.most)
			}
		}
		_ = v.closePost() // it was only written to
		if err != nil {
			_ = v.proc.Kill() // it may have ended by itself
			return false, nil // a cold start does without, or says what is wrong with the files
		}
		if v.adopt(c) {
			s.hasLeft(v)
			v.link.send(hello)
			c.warm = ready
			return true, nil
		}
	}
}

// next removes a spare from those that are there, one that is ready if there is
// any; nil if there are none.
func (s *Spares) next() (v *vessel, ready bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false
	}
	for other, is := range s.vessels {
		if v == nil || is {
			v, ready = other, is
		}
		if ready {
			break
		}
	}
	if v != nil {
		delete(s.vessels, v)
		s.leaving[v] = struct{}{}
	}
	return v, ready
}

// hasLeft is called when a spare has become a child.
func (s *Spares) hasLeft(v *vessel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.leaving, v)
	s.changed.Broadcast()
}

// Wait waits until as many spares are ready as there are to be. The error is that
// of ctx, or says why there are none.
func (s *Spares) Wait(ctx context.Context) error {
	if s == nil || s.changed == nil {
		return errZeroSpares
	}
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tryAgain()
	for {
		switch {
		case s.closed:
			return ErrSparesClosed
		case s.ready() == s.most:
			return nil
		case s.isHopeless() && s.starting+s.unready() == 0:
			return fmt.Errorf("start spare processes: %w", s.err)
		case ctx.Err() != nil:
			return ctx.Err()
		}
		s.changed.Wait()
	}
}

// Ready returns how many spares are ready.
func (s *Spares) Ready() int {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready()
}

// ready is Ready with the lock held.
func (s *Spares) ready() (n int) {
	for _, is := range s.vessels {
		if is {
			n++
		}
	}
	return n
}

// Close ends the spares that nobody has taken, and returns when they are reaped.
// Children that were taken from them go on.
func (s *Spares) Close() error {
	if s == nil || s.changed == nil {
		return errZeroSpares
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for v := range s.vessels {
		_ = v.proc.Kill() // it may have ended by itself
	}
	s.changed.Broadcast()
	for len(s.vessels)+len(s.leaving)+s.starting > 0 {
		s.changed.Wait()
	}
	spares.remove(s)
	return nil
}

var errZeroSpares = errors.New("zero value is not usable: make spares with NewSpares")
