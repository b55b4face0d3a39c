package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/results/checks"
)

// found is what a side has of a benchmark.
type found struct {
	pkg, printed string
	bench        *bench
	function     string // the test function that it is of
	cell         *cellSpec
}

func (f found) id() string { return f.pkg + " " + f.printed }

// A survey is what the binaries of a side have.
type survey struct {
	found    []found
	failed   map[string]bool // "package function", where not all may have been found
	unlisted map[string]bool // packages, of which nobody knows what functions they have
}

func newSurvey() *survey {
	return &survey{failed: make(map[string]bool), unlisted: make(map[string]bool)}
}

// lacks reports whether the side does not have a benchmark of the other one.
func (s *survey) lacks(f found) bool { return !s.failed[f.pkg+" "+f.function] && !s.unlisted[f.pkg] }

// discover finds the benchmarks of both sides: by running each benchmark
// function once, since it makes its sub-benchmarks only then.
func (s *Session) discover(ctx context.Context) error {
	label := labels(slices.Concat(s.sides[base].packages, s.sides[head].packages))
	var surveys [2]*survey
	var all []described
	for i, side := range s.sides {
		surveys[i] = newSurvey()
		for k, b := range side.packages {
			s.p.hooks.tell(Event{Phase: Discover, Side: side.name, What: b.pkg, Done: k, Total: len(side.packages)})
			var err error
			if b.main {
				all, err = s.describe(ctx, side, b, label[b.pkg], surveys[i], all)
			} else {
				err = s.surveyTests(ctx, side, b, label[b.pkg], surveys[i])
			}
			if err != nil {
				return err
			}
		}
	}
	if err := s.chooseCells(all); err != nil {
		return err
	}
	if len(surveys[base].unlisted)+len(surveys[head].unlisted) == 0 {
		s.noteUnmatched()
	}
	s.match(surveys, label)
	s.place(surveys[head], label)
	return s.nothing(surveys)
}

// matches notes which alternatives of the pattern match a benchmark function.
func (s *Session) matches(function string) {
	for _, i := range s.p.bench.alternatives(function) {
		s.alternatives[i] = true
	}
}

// noteUnmatched names the alternatives of the pattern that match no benchmark
// function on either side, where others do: a slip in one of them would go unseen.
func (s *Session) noteUnmatched() {
	if len(s.alternatives) == 0 {
		return // there are only cells; or nothing matched, which is an error
	}
	for i, levels := range s.p.bench {
		if !s.alternatives[i] {
			s.p.note("", fmt.Sprintf("no benchmark matches %s, of %s", strings.Join(levels, "/"), s.p.o.Bench))
		}
	}
}

// nothing returns an error if there is nothing of what was asked for.
func (s *Session) nothing(surveys [2]*survey) error {
	if s.check.Stopped != "" {
		return nil // nobody knows
	}
	tests, cells := surveys[base].kinds()
	t, c := surveys[head].kinds()
	tests, cells = tests || t, cells || c
	ofBoth := s.p.o.Kinds == TestsAndCells
	if (len(s.subjects) > 0 || len(s.samples) > 0) && (!ofBoth || tests && cells) {
		return nil
	}
	where := s.p.o.Packages
	if s.sides[base].root == "" && s.sides[head].root == "" {
		where = []string{s.sides[head].info.What}
	}
	return &NoBenchmarksError{s.p.o.Bench, where, s.p.o.Kinds == CellsAlone || ofBoth && tests, !s.p.matched, s.check.Missing}
}

// kinds reports whether there are go test benchmarks and cells, or there would be
// if nothing had failed.
func (s *survey) kinds() (tests, cells bool) {
	for _, f := range s.found {
		tests, cells = tests || f.cell == nil, cells || f.cell != nil
	}
	for name := range s.failed {
		ofCells := strings.HasSuffix(name, " ")
		tests, cells = tests || !ofCells, cells || ofCells
	}
	return tests || len(s.unlisted) > 0, cells
}

// match makes subjects of what both sides have.
func (s *Session) match(surveys [2]*survey, label map[string]string) {
	for i, side := range surveys {
		other := surveys[1-i]
		for _, f := range side.found {
			name := label[f.pkg] + f.printed
			at := slices.IndexFunc(other.found, func(o found) bool { return o.id() == f.id() })
			switch {
			case at < 0 && other.lacks(f):
				if s.check.Missing == nil {
					s.check.Missing = make(map[string][]string)
				}
				s.check.Missing[sideNames[i]] = append(s.check.Missing[sideNames[i]], name)
			case at >= 0 && i == base:
				s.subjects = append(s.subjects, &subject{
					Benchmark: checks.Benchmark{Name: name}, pkg: f.pkg, printed: f.printed, cell: f.cell,
					sides: [2]*bench{f.bench, other.found[at].bench},
				})
			}
		}
	}
}

// surveyTests finds the benchmarks of a test binary.
func (s *Session) surveyTests(ctx context.Context, side *side, b *bench, label string, to *survey) error {
	// Which functions there are only the binary knows: build tags decide.
	out := s.run(ctx, call{path: b.builds[0].path, args: []string{"-test.list=^Benchmark"}, dir: b.dir, env: testEnv(b.dir, 0)}, s.p.o.Timeout)
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if out.err != nil {
		to.unlisted[b.pkg] = true
		if errors.Is(out.err, errTimeUp) {
			s.check.Stopped = StoppedByTime
			for _, f := range b.functions {
				s.unreached(b, label, f.name, to)
			}
			return nil
		}
		return s.unfound(side, b, label+"(all)", out, fmt.Errorf("its tests cannot be listed: %w", out.err))
	}
	for line := range strings.Lines(string(out.stdout)) {
		function := strings.TrimSpace(line)
		filter := ""
		if strings.HasPrefix(function, "Benchmark") {
			filter = s.p.bench.filter(function)
		}
		if filter == "" {
			continue
		}
		s.matches(function)
		err := s.surveyFunction(ctx, side, b, label, function, filter, to)
		if errors.Is(err, errTimeUp) {
			s.unreached(b, label, function, to)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unreached notes a benchmark function that there was no time to run: it is one of
// the benchmarks, and never has a sample.
func (s *Session) unreached(b *bench, label, function string, to *survey) {
	s.check.Stopped = StoppedByTime
	to.failed[b.pkg+" "+function] = true // so that nothing of it counts as missing
	name := label + strings.TrimPrefix(function, "Benchmark")
	if !slices.ContainsFunc(s.subjects, func(b *subject) bool { return b.Name == name }) {
		s.subjects = append(s.subjects, &subject{Benchmark: checks.Benchmark{Name: name}})
	}
}

// surveyFunction finds the benchmarks that a function makes. What one that fails
// has printed before counts, too: those benchmarks can be measured.
func (s *Session) surveyFunction(ctx context.Context, side *side, b *bench, label, function, filter string, to *survey) error {
	for try := 1; ; try++ {
		if s.timeUp() {
			return errTimeUp
		}
		args := testArgs(filter, 1, s.p.o.GOMAXPROCS)
		out := s.run(ctx, call{path: b.builds[0].path, args: args, dir: b.dir, env: testEnv(b.dir, 0)}, s.p.o.Timeout)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if errors.Is(out.err, errTimeUp) {
			return errTimeUp
		}
		readings, err := parseOutput(out.stdout, s.p.o.GOMAXPROCS)
		if out.err != nil {
			err = out.err
		}
		for _, r := range readings {
			f := found{pkg: b.pkg, printed: r.name, bench: b, function: function}
			if !slices.ContainsFunc(to.found, func(o found) bool { return o.id() == f.id() }) {
				to.found = append(to.found, f)
			}
		}
		if err == nil && len(readings) == 0 && garbled(out.stdout, function) {
			err = fmt.Errorf("it printed no result")
		}
		if err == nil {
			return nil // without a result: it was skipped, or has no such sub-benchmark
		}
		if err := s.unfound(side, b, label+strings.TrimPrefix(function, "Benchmark"), out, err); err != nil {
			return err
		}
		if try == maxFailures {
			to.failed[b.pkg+" "+function] = true
			return nil
		}
	}
}

// garbled reports whether a benchmark has run although no result can be read:
// package testing prints the name before it runs one, and the result after it.
func garbled(stdout []byte, function string) bool {
	text := string(stdout)
	return strings.Contains(text, "\n"+function) && !strings.Contains(text, "--- SKIP") ||
		strings.HasPrefix(text, function) && !strings.Contains(text, "--- SKIP")
}

// unfound records that benchmarks could not be found.
func (s *Session) unfound(side *side, b *bench, name string, out *outcome, err error) error {
	return s.record(nil, Event{Phase: Discover, Side: side.name, What: name}, checks.Sample{
		Time: beginning(out.started), Side: side.name, Benchmark: name, Package: b.pkg,
		Reason: out.reason(), Error: fmt.Sprintf("%v%s", err, gist(out.stdout, out.stderr)), Stderr: out.talk(), Wall: out.wall.Seconds(),
	})
}

// talk is what a failed process said: on standard error or, where a test fails,
// on standard output.
func (o *outcome) talk() string {
	if strings.TrimSpace(o.stderr) != "" {
		return o.stderr
	}
	return strings.ToValidUTF8(string(o.stdout[max(0, len(o.stdout)-stderrTail):]), "\uFFFD")
}

// beginning is when something began that may not have.
func beginning(t time.Time) time.Time {
	if t.IsZero() {
		t = time.Now()
	}
	return t.UTC()
}
