package check

import (
	"context"
	"errors"
	"time"
)

// errTimeUp says that there is no time left to measure. It is no failure of a
// benchmark, and ends no check with an error.
var errTimeUp = errors.New("time is up")

// grace is how long after the deadline a process may end: it is not to be in vain
// that it was begun just before, and to list benchmarks takes less in any case.
const grace = 2 * time.Second

// run runs a process, which has to end by its time-out and, where time is limited,
// soon after the deadline.
func (s *Session) run(ctx context.Context, c call, timeout time.Duration) *outcome {
	limit := timeout
	if !s.deadline.IsZero() {
		limit = min(limit, s.within(timeout, time.Now())+grace)
	}
	out := run(ctx, c, limit)
	if out.late && limit < timeout {
		out.err = errTimeUp
	}
	return out
}

// timeUp reports whether the deadline has passed.
func (s *Session) timeUp() bool { return !s.fits(0, time.Now()) }

// fits reports whether something that lasts d ends in time.
func (s *Session) fits(d time.Duration, now time.Time) bool {
	return s.deadline.IsZero() || !now.Add(d).After(s.deadline)
}

// within is d, or what is left until the deadline where that is less.
func (s *Session) within(d time.Duration, now time.Time) time.Duration {
	if s.fits(d, now) {
		return d
	}
	return max(0, s.deadline.Sub(now))
}
