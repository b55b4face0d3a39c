package check

import (
	"context"
	"errors"
	"time"

	"github.com/gvp-bench/gvp/results/checks"
)

// calibrate finds the number of iterations of each benchmark's samples.
func (s *Session) calibrate(ctx context.Context) error {
	if s.timeUp() {
		return errTimeUp
	}
	s.control = calibrateControl(s.controlTime())
	for i, b := range s.subjects {
		s.p.hooks.tell(Event{Phase: Calibrate, What: b.Name, Done: i, Total: len(s.subjects)})
		if s.timeUp() {
			return errTimeUp
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

// maxAgain is how often a try that may have been disturbed is repeated.
const maxAgain = 2

// doubtful reports whether something else than the iterations may have taken
// the time of a try: it took longer than the benchmark's timer says, or than the
// try before lets expect, or it is the first one and was long. None need mean
// anything: a timer may be stopped for most of the time, and operations may cost
// more the more there are. Doing it once more tells, unless it takes too long.
func (t try) doubtful(before *try, target time.Duration) bool {
	if t.loop < target/40 || t.loop > 5*target {
		return false
	}
	expected := target / 2
	if before != nil {
		expected = time.Duration(float64(before.loop) / float64(before.units) * float64(t.units))
	}
	return t.loop > t.timed*5/4 || t.loop > expected*5/4
}

// settle finds the number of iterations that take about as long as target.
func settle(target time.Duration, take func(units uint64) (try, error)) (units uint64, err error) {
	var earlier, before *try
	units = 1
	for range maxTries {
		t, err := take(units)
		if err != nil {
			return units, err
		}
		for n := 0; n < maxAgain && t.doubtful(before, target); n++ {
			again, err := take(units)
			if err != nil {
				return units, err
			}
			t.timed, t.loop = min(t.timed, again.timed), min(t.loop, again.loop)
		}
		var done bool
		if units, done = t.next(earlier, target); done {
			return units, nil
		}
		earlier, before = telling(earlier, t, target), &t
	}
	return units, nil
}

var errGivenUp = errors.New("the benchmark failed too often")

// findUnits finds the number of iterations of a benchmark function on base.
func (s *Session) findUnits(ctx context.Context, b *subject) error {
	var startup time.Duration
	first := true
	units, err := settle(s.p.o.Target, func(units uint64) (try, error) {
		b.Units = units
		t, err := s.try(ctx, b, startup)
		switch {
		case err != nil:
			return t, err
		case b.Failed != "":
			return t, errGivenUp
		case first:
			first = false
			startup, t.loop = b.wall[base]-t.timed, t.timed
		}
		return t, nil
	})
	b.Units = units
	if errors.Is(err, errGivenUp) {
		return nil
	}
	return err
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
