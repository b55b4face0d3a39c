package check

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// Measure takes the rounds, until the caller needs no more pairs, the rounds are
// used up, time is up or ctx ends: that is no error, and the check says which.
func (s *Session) Measure(ctx context.Context) (*checks.Check, error) {
	err := s.measure(ctx)
	s.deadline = time.Time{} // profiles are taken afterwards
	if errors.Is(err, errTimeUp) {
		s.check.Stopped, err = StoppedByTime, nil
	}
	if ctx.Err() != nil {
		s.check.Stopped, err = Interrupted, nil
	}
	s.check.Finished = err == nil && s.check.Stopped == ""
	return s.check, errors.Join(err, s.save())
}

func (s *Session) measure(ctx context.Context) error {
	if err := s.calibrate(ctx); err != nil {
		return err
	}
	if err := s.save(); err != nil {
		return err
	}
	for round := 1; round <= s.p.o.Rounds; round++ {
		wanted := s.wanted()
		if len(wanted) == 0 {
			return nil
		}
		if !s.fits(s.cost(wanted), time.Now()) {
			return errTimeUp
		}
		if err := s.round(ctx, round, wanted); err != nil {
			return err
		}
		if err := s.save(); err != nil {
			return err
		}
	}
	return nil
}

// cost is how long a round of these benchmarks is likely to take.
func (s *Session) cost(wanted []*subject) time.Duration {
	sum := 2 * s.controlTime()
	for _, b := range wanted {
		sum += b.expected(base) + b.expected(head)
	}
	return sum
}

// A step of a round is a benchmark on one side; without one it is the control.
type step struct {
	subject *subject
	side    int
}

// steps returns the steps of a round in its order.
func steps(wanted []*subject, seed uint64, round int) []step {
	all := []step{{nil, base}, {nil, head}}
	for _, b := range wanted {
		all = append(all, step{b, base}, step{b, head})
	}
	rng := rand.New(rand.NewPCG(seed, uint64(round)))
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// round measures each benchmark once on each side.
func (s *Session) round(ctx context.Context, round int, wanted []*subject) error {
	all := steps(wanted, s.p.o.Seed, round)
	good := make(map[*subject]int) // sides that were measured
	left, later := s.cost(wanted), time.Duration(s.p.o.Rounds-round)*s.cost(wanted)
	for i, st := range all {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if s.timeUp() { // it took longer than the one before
			return errTimeUp
		}
		sample := checks.Sample{Round: round, Order: i + 1, Side: sideNames[st.side]}
		e := Event{Phase: Measure, Side: sample.Side, Round: round, Rounds: s.p.o.Rounds, Done: i + 1, Total: len(all)}
		if st.subject == nil {
			left -= s.controlTime()
			s.takeControl(&sample)
		} else {
			left -= st.subject.expected(st.side)
			if err := s.take(ctx, st.subject, st.side, &sample); err != nil {
				return err
			}
		}
		e.What, e.Remaining = sample.Benchmark, s.within(max(0, left)+later, time.Now())
		if err := s.record(st.subject, e, sample); err != nil {
			return err
		}
		if sample.OK && st.subject != nil {
			if good[st.subject]++; good[st.subject] == 2 {
				st.subject.pairs++
			}
		}
	}
	return nil
}

// take measures a benchmark once and fills the sample in. The error is for what
// concerns more than this sample.
func (s *Session) take(ctx context.Context, b *subject, side int, sample *checks.Sample) error {
	builds := b.sides[side].builds
	if len(builds) > 1 { // see Options.Layouts; what is before the first round makes no pair
		sample.Build = max(0, sample.Round-1)
	}
	if err := builds[sample.Build].unchanged(); err != nil {
		return err
	}
	if s.timeUp() {
		return errTimeUp
	}
	r, out, err := s.ask(ctx, b, side, sample.Build, b.Units, "")
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, errTimeUp): // which is not the benchmark's fault
		return errTimeUp
	}
	sample.Time, sample.Wall = beginning(out.started), out.wall.Seconds()
	sample.Benchmark, sample.Package = b.Name, b.pkg
	if b.printed != b.Name {
		sample.Name = b.printed
	}
	if b.cell == nil {
		sample.Procs = s.p.o.GOMAXPROCS
	}
	b.wall[side] = out.wall
	if err != nil {
		sample.Reason, sample.Error = out.reason(), fmt.Sprintf("%v%s", err, gist(out.stdout, out.stderr))
		sample.Stderr = out.talk()
		return nil
	}
	sample.OK, sample.Units, sample.Metrics, sample.Error = true, r.units, r.metrics, r.left
	return nil
}

// ask has a process of its own do so many units of a benchmark, and write its
// CPU profile to the named file or, of a bench binary, into that folder.
func (s *Session) ask(ctx context.Context, b *subject, side, build int, units uint64, profile string) (reading, *outcome, error) {
	bin := b.sides[side]
	path := bin.builds[build].path
	if b.cell != nil {
		return s.askHost(ctx, b, bin, path, units, profile)
	}
	args := testArgs(exact("Benchmark"+b.printed), units, s.p.o.GOMAXPROCS)
	if profile != "" {
		args = append(args, "-test.cpuprofile="+profile)
	}
	out := s.run(ctx, call{path: path, args: args, dir: bin.dir, env: testEnv(bin.dir, s.padding.IntN(maxPadding))}, s.p.o.Timeout)
	if out.err != nil {
		return reading{}, out, out.err
	}
	readings, bad := parseOutput(out.stdout, s.p.o.GOMAXPROCS)
	r, err := find(readings, b.printed, units)
	if err != nil && bad != nil {
		err = bad // says more
	}
	return r, out, err
}

// controlTime is the time of a sample of the control benchmark.
func (s *Session) controlTime() time.Duration { return min(controlTime, s.p.o.Target) }

// takeControl measures the control benchmark. It runs in this process, whose
// binary is the same for both sides.
func (s *Session) takeControl(sample *checks.Sample) {
	sample.Time, sample.Benchmark = time.Now().UTC(), checks.ControlName
	t := timeControl(s.control)
	sample.OK, sample.Units, sample.Wall = true, s.control, t.Seconds()
	sample.Metrics = []results.Metric{{Unit: results.SecPerOp, Value: t.Seconds() / float64(s.control)}}
}
