package check

import (
	"context"
	"time"

	"github.com/gvp-bench/gvp/results/checks"
)

// calibrate finds the number of iterations of each benchmark's samples.
func (s *Session) calibrate(ctx context.Context) error {
	s.control = calibrateControl(s.controlTime())
	for i, b := range s.subjects {
		s.p.hooks.tell(Event{Phase: Calibrate, What: b.Name, Done: i, Total: len(s.subjects)})
		if !s.fits(0, time.Now()) {
			s.check.Stopped = StoppedByTime
			return nil
		}
		find := s.findUnits
		if b.cell != nil {
			find = s.findCellUnits
		}
		if err := find(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// A try is what a process of so many iterations took.
type try struct {
	units uint64
	timed time.Duration // what the benchmark's timer says
	loop  time.Duration // and with what it does while its timer is stopped
}

const (
	maxUnits  = 1_000_000_000 // as in package testing
	maxGrowth = 100           // likewise
	maxTries  = 20            // of which each is a hundred times longer, or done
)

// telling returns the try that later ones are compared with: the first that
// took long enough for the loop to be what took the time.
func telling(earlier *try, t try, target time.Duration) *try {
	if earlier == nil && t.timed >= target/40 {
		return &t
	}
	return earlier
}

// next returns how many iterations to try after t, or to settle for: then it is
// done. earlier is the telling try, if there was one.
func (t try) next(earlier *try, target time.Duration) (units uint64, done bool) {
	// Ten times the iterations in the same time: it does not loop over b.N.
	if earlier != nil && t.units >= 10*earlier.units && t.timed < earlier.timed*3/2 {
		return earlier.units, true
	}
	if t.units >= maxUnits {
		if t.loop < target/40 { // neither does this one, and is quick
			return 1, true
		}
		return maxUnits, true
	}
	want := uint64(min(maxUnits, max(1, float64(t.units)*float64(target)/float64(max(t.loop, 1)))))
	if t.loop >= target/2 {
		return want, true
	}
	return min(max(want, t.units+1), t.units*maxGrowth, maxUnits), false
}

// findUnits finds the number of iterations of a benchmark function on base.
func (s *Session) findUnits(ctx context.Context, b *subject) error {
	b.Units = 1
	var earlier *try
	var startup time.Duration
	for n := range maxTries {
		t, err := s.try(ctx, b, startup)
		if err != nil || b.Failed != "" {
			return err
		}
		if n == 0 {
			startup, t.loop = b.wall[base]-t.timed, t.timed
		}
		if t.loop > 2*t.timed && t.loop >= s.p.o.Target/40 {
			// Either its timer is stopped for most of the time, or the machine
			// was busy with something else just now: once more tells.
			again, err := s.try(ctx, b, startup)
			if err != nil || b.Failed != "" {
				return err
			}
			t.loop = min(t.loop, again.loop)
		}
		units, done := t.next(earlier, s.p.o.Target)
		b.Units = units
		if done {
			return nil
		}
		earlier = telling(earlier, t, s.p.o.Target)
	}
	return nil
}

// try has base do the iterations that the benchmark has for now, unless it
// fails too often. startup is what its process takes without the loop.
func (s *Session) try(ctx context.Context, b *subject, startup time.Duration) (try, error) {
	for {
		sample := checks.Sample{Side: checks.Base}
		if err := s.take(ctx, b, base, &sample); err != nil {
			return try{}, err
		}
		if sample.OK {
			timed := time.Duration(secPerOp(sample.Metrics) * float64(b.Units) * float64(time.Second))
			return try{b.Units, timed, max(timed, b.wall[base]-startup)}, nil
		}
		if err := s.record(b, Event{Phase: Calibrate, Side: checks.Base, What: b.Name}, sample); err != nil || b.Failed != "" {
			return try{}, err
		}
	}
}
