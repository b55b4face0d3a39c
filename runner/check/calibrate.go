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
	loop  time.Duration // of the benchmark's loop alone
}

const (
	maxUnits  = 1_000_000_000 // as in package testing
	maxGrowth = 100           // likewise
	maxTries  = 20            // of which each is a hundred times longer, or done
)

// telling returns the try that later ones are compared with: the first that
// took long enough for the loop to be what took the time.
func telling(earlier *try, t try, target time.Duration) *try {
	if earlier == nil && t.loop >= target/40 {
		return &t
	}
	return earlier
}

// next returns how many iterations to try after t, or to settle for: then it is
// done. earlier is the telling try, if there was one.
func (t try) next(earlier *try, target time.Duration) (units uint64, done bool) {
	// Ten times the iterations in the same time: it does not loop over b.N.
	if earlier != nil && t.units >= 10*earlier.units && t.loop < earlier.loop*3/2 {
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
	for n := 0; n < maxTries && b.Failed == ""; {
		sample := checks.Sample{Side: checks.Base}
		if err := s.take(ctx, b, base, &sample); err != nil {
			return err
		}
		if !sample.OK {
			if err := s.record(b, Event{Phase: Calibrate, Side: checks.Base, What: b.Name}, sample); err != nil {
				return err
			}
			continue
		}
		n++
		timed := time.Duration(secPerOp(sample.Metrics) * float64(b.Units) * float64(time.Second))
		if n == 1 {
			startup = b.wall[base] - timed
		}
		t := try{b.Units, max(timed, b.wall[base]-startup)}
		units, done := t.next(earlier, s.p.o.Target)
		b.Units = units
		if done {
			return nil
		}
		earlier = telling(earlier, t, s.p.o.Target)
	}
	return nil
}
