package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
)

// Spares are processes that were started in advance and wait for a function to
// run: a child that takes one over begins in a fraction of the time that it takes
// to start a process. Which way a child went, [Child.Warm] tells.
//
// A spare has the environment, the working directory and the CPUs that there
// were when it was started. Each one that is taken, or dies, is replaced in the
// background by another; that takes as long as any start, so that of many starts
// at once those beyond the number of spares are cold. Idle ones use no CPU, but
// memory, and are gone with this process, as children are.
type Spares struct {
	options Options
	most    int

	mu       sync.Mutex
	changed  *sync.Cond
	vessels  map[*vessel]bool // whether it is ready
	starting int              // goroutines that are about to start one
	failed   int              // spares in a row that came to nothing
	err      error            // why the last did
	closed   bool
}

// ErrSparesClosed is that of starting a child from spares that were closed.
var ErrSparesClosed = errors.New("the spares are closed")

// NewSpares starts n processes to be taken over. Of the options, Env, Stdout,
// Stderr, MaxMessage and CPUs are those of the children that they become; the
// others are each child's own, and an error here. It does not wait until they
// are ready: [Spares.Wait] does.
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
	s := &Spares{options: o, most: n, vessels: map[*vessel]bool{}}
	s.changed = sync.NewCond(&s.mu)
	shareWriters(&s.options.Stdout, &s.options.Stderr)
	spares.add(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refill()
	return s, nil
}

// refill starts what is missing, in the background. The lock is held.
func (s *Spares) refill() {
	for !s.closed && s.failed < failedStarts && len(s.vessels)+s.starting < s.most {
		s.starting++
		go s.start()
	}
	s.changed.Broadcast()
}

// start starts one spare.
func (s *Spares) start() {
	v, err := launch("", s.options, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starting--
	if err != nil {
		s.failed++
		s.err = err
		s.refill()
		return
	}
	s.vessels[v] = false
	v.spares = s
	go v.attend()
	if s.closed {
		_ = v.proc.Kill() // it may have ended by itself
	}
	s.changed.Broadcast()
}

// isReady is called when a spare waits for its greeting.
func (s *Spares) isReady(v *vessel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.vessels[v]; ok {
		s.vessels[v] = true
		s.failed, s.err = 0, nil
		s.changed.Broadcast()
	}
}

// isLost is called when a spare has ended that nobody has taken.
func (s *Spares) isLost(v *vessel, end death) {
	_ = v.closePost()
	s.mu.Lock()
	defer s.mu.Unlock()
	ready, ours := s.vessels[v]
	delete(s.vessels, v)
	if ours && !ready && !s.closed {
		s.failed++
		s.err = end.err
		if end.err == nil {
			s.err = fmt.Errorf("process %d ended before it was ready: %s", v.proc.Pid, end.state)
		}
	}
	s.refill()
}

// take makes a child of a spare. It reports false where there is none to take,
// and for more files than can be sent to one.
func (s *Spares) take(c *Child, g greeting, files []*os.File) (bool, error) {
	switch {
	case s == nil:
		return false, nil
	case s.changed == nil:
		return false, errZeroSpares
	case len(files) > mostMail:
		return false, nil
	}
	for {
		v, ready, err := s.next()
		if v == nil || err != nil {
			return false, err
		}
		g.Files, err = v.mail(files)
		_ = v.closePost() // it was only written to
		if err != nil {
			_ = v.proc.Kill() // it may have ended by itself
			return false, nil //nolint:nilerr // a cold start does without, or says what is wrong with the files
		}
		taken, err := v.carry(c, g)
		if err != nil {
			return false, err
		}
		if taken {
			c.warm = ready
			return true, nil
		}
	}
}

// next removes a spare from those that are there, one that is ready if there is
// any; nil if there are none.
func (s *Spares) next() (v *vessel, ready bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false, ErrSparesClosed
	}
	for other, is := range s.vessels {
		if v == nil || is {
			v, ready = other, is
		}
		if ready {
			break
		}
	}
	delete(s.vessels, v)
	s.failed = min(s.failed, failedStarts-1) // another try, since they are wanted
	s.refill()
	return v, ready, nil
}

// carry has a spare carry a child. It reports false for one that has ended.
func (v *vessel) carry(c *Child, g greeting) (bool, error) {
	hello, err := g.frame(v.most)
	if err != nil {
		_ = v.proc.Kill() // it may have ended by itself
		return false, err
	}
	if !v.adopt(c) {
		return false, nil
	}
	v.link.send(hello)
	return true, nil
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
	for {
		switch {
		case s.closed:
			return ErrSparesClosed
		case s.ready() == s.most:
			return nil
		case s.failed >= failedStarts:
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
	for len(s.vessels)+s.starting > 0 {
		s.changed.Wait()
	}
	spares.remove(s)
	return nil
}

var errZeroSpares = errors.New("zero value is not usable: make spares with NewSpares")
