package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/results/checks"
)

// Why measuring ended early, as in [checks.Check].
const (
	StoppedByTime = "time"
	Interrupted   = "interrupted"
)

// paddingStream is no round.
const paddingStream = 1 << 40

// A Session is a check at work: both sides are built, and what they need is on
// the disk until it is closed.
type Session struct {
	p     *preparation
	sides [2]*side // base, head

	check  *checks.Check
	writer *checks.Writer

	subjects []*subject
	places   map[string]Place
	samples  []checks.Sample // all, in order
	control  uint64          // units of the control benchmark
	deadline time.Time       // of measuring; zero is none
	padding  *rand.Rand      // draws the lengths of environments

	alternatives map[int]bool // of the pattern, by their places, that match a benchmark function
}

// Order of the sides in arrays.
const (
	base = iota
	head
)

var sideNames = [2]string{checks.Base, checks.Head}

// NoBenchmarksError says that there is nothing to compare.
type NoBenchmarksError struct {
	Bench     string   // the pattern
	Packages  []string // the patterns, or the name of a binary
	Cells     bool     // there are no cells; else no go test benchmarks
	NoPackage bool     // matches the patterns
	Missing   map[string][]string
}

func (e *NoBenchmarksError) Error() string {
	b, h := len(e.Missing[checks.Base]), len(e.Missing[checks.Head])
	if b+h > 0 {
		return fmt.Sprintf("no benchmark is on both sides: %d only in base, %d only in head", b, h)
	}
	if e.NoPackage {
		return fmt.Sprintf("no package matches %s: nothing was compared", strings.Join(e.Packages, " "))
	}
	if e.Cells {
		return fmt.Sprintf("no main package in %s calls runner.Main, and so there are no cells: nothing was compared", strings.Join(e.Packages, " "))
	}
	return fmt.Sprintf("no benchmark matches %s in %s: nothing was compared", e.Bench, strings.Join(e.Packages, " "))
}

// Open gets hold of both sides, builds them, finds out what benchmarks they have
// and makes the check's folder. The session must be closed, also after Ctrl-C.
func Open(ctx context.Context, o Options, hooks Hooks) (s *Session, err error) {
	unnamed := o.Out == ""
	if err := o.complete(); err != nil {
		return nil, &OptionsError{err}
	}
	p, err := newPreparation(ctx, o, hooks)
	if err != nil {
		return nil, err
	}
	s = &Session{p: p, padding: rand.New(rand.NewPCG(o.Seed, paddingStream)), alternatives: make(map[int]bool)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
			s = nil
		}
	}()
	s.check = &checks.Check{
		Format: checks.Format, Began: time.Now().UTC().Truncate(time.Second), Command: o.Command, Seed: o.Seed,
		Rounds: o.Rounds, Target: o.Target, Timeout: o.Timeout, MaxTime: o.MaxTime, Machine: o.Machine,
	}
	if s.sides[base], s.sides[head], err = p.sides(ctx); err != nil {
		return s, err
	}
	s.check.Base, s.check.Head = s.sides[base].info, s.sides[head].info
	if o.MaxTime > 0 {
		s.deadline = time.Now().Add(o.MaxTime)
	}
	if err := s.discover(ctx); err != nil {
		return s, err
	}
	if s.writer, err = checks.Create(o.Out, s.check); err != nil {
		return s, err
	}
	if unnamed {
		if err := ignore(s.Folder()); err != nil {
			return s, err
		}
	}
	for _, sample := range s.samples { // what failed so far
		if err := s.writer.Sample(sample); err != nil {
			return s, err
		}
	}
	return s, nil
}

// ignore has git ignore a new folder that nobody has asked for: it would make a change
// of the working tree, which is what the next check measures.
func ignore(dir string) error {
	if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o666); err != nil {
		return fmt.Errorf("cannot have git ignore %s: %w", dir, err)
	}
	return nil
}

// Folder returns the check's folder.
func (s *Session) Folder() string { return s.writer.Folder() }

// Check returns what is known of the check by now.
func (s *Session) Check() *checks.Check { return s.check }

// Benchmarks returns the names of those that both sides have.
func (s *Session) Benchmarks() []string {
	names := make([]string, len(s.subjects))
	for i, b := range s.subjects {
		names[i] = b.Name
	}
	return names
}

// Samples returns what was measured so far, in order, failures and the control
// benchmark included.
func (s *Session) Samples() []checks.Sample { return s.samples }

// Close removes what the check has put on the disk, but for its folder and what
// is cached.
func (s *Session) Close() error {
	var errs []error
	for _, side := range s.sides {
		if side != nil {
			errs = append(errs, side.remove())
		}
	}
	if s.writer != nil {
		errs = append(errs, s.writer.Close())
		s.writer = nil
	}
	return errors.Join(append(errs, s.p.remove())...)
}

// A Result is a check that was run.
type Result struct {
	Folder  string
	Check   *checks.Check
	Samples []checks.Sample
}

// Run does a whole check: it opens a session, measures and closes it. What was
// measured is in the result also if there is an error, unless it could not begin.
func Run(ctx context.Context, o Options, hooks Hooks) (*Result, error) {
	s, err := Open(ctx, o, hooks)
	if err != nil {
		return nil, err
	}
	folder := s.Folder()
	c, err := s.Measure(ctx)
	return &Result{folder, c, s.Samples()}, errors.Join(err, s.Close())
}

// labels gives each package the name that stands before its benchmarks: none if
// there is just one, or else its path within the module, where that is enough
// to tell all of them apart.
func labels(benches []*bench) map[string]string {
	full := make(map[string]string)
	short := make(map[string]string)
	taken := make(map[string]bool)
	unique := true
	for _, b := range benches {
		if _, ok := full[b.pkg]; ok {
			continue
		}
		full[b.pkg] = b.pkg + "."
		in, ok := strings.CutPrefix(b.pkg, b.module+"/")
		if b.pkg == b.module {
			in, ok = path.Base(b.pkg), true
		}
		unique = unique && ok && !taken[in]
		taken[in] = true
		short[b.pkg] = in + "."
	}
	switch {
	case len(full) <= 1:
		return map[string]string{}
	case unique:
		return short
	}
	return full
}

// measured returns what there is of each benchmark.
func (s *Session) measured() []Measured {
	series, _ := checks.Pairs(s.samples)
	all := make([]Measured, 0, len(s.subjects))
	for _, b := range s.subjects {
		m := Measured{Benchmark: b.Name, Failed: b.Failed, Pairs: b.pairs}
		for _, one := range series {
			if one.Benchmark == b.Name {
				m.Series = append(m.Series, one)
			}
		}
		all = append(all, m)
	}
	return all
}

// wanted returns the benchmarks that are to have more pairs.
func (s *Session) wanted() []*subject {
	var need map[string]int
	if s.p.hooks.Need != nil {
		need = s.p.hooks.Need(s.measured())
	}
	return slices.DeleteFunc(slices.Clone(s.subjects), func(b *subject) bool {
		n := need[b.Name]
		if s.p.hooks.Need == nil {
			n = s.p.o.Rounds
		}
		return b.Failed != "" || b.pairs >= n
	})
}

// record keeps a sample, and counts failures: after the second one a benchmark
// is given up.
func (s *Session) record(b *subject, e Event, sample checks.Sample) error {
	s.samples = append(s.samples, sample)
	e.Sample = &sample
	if !sample.OK {
		e.Failure = &checks.Failure{Benchmark: sample.Benchmark, Side: sample.Side, Round: sample.Round, Reason: sample.Reason, Error: sample.Error, Stderr: sample.Stderr}
		if b != nil {
			b.fail(sample)
		}
	}
	if s.writer != nil {
		if err := s.writer.Sample(sample); err != nil {
			return err
		}
	}
	s.p.hooks.tell(e)
	return nil
}

// save writes what is known of the check by now.
func (s *Session) save() error {
	s.check.Benchmarks = s.check.Benchmarks[:0]
	for _, b := range s.subjects {
		s.check.Benchmarks = append(s.check.Benchmarks, b.Benchmark)
	}
	return s.writer.Check(s.check)
}

// maxFailures is how many failures of a benchmark are enough to give it up.
const maxFailures = 2

// A subject is a benchmark that both sides have.
type subject struct {
	checks.Benchmark

	pkg     string
	printed string // its name as the binary prints it, without "Benchmark"
	sides   [2]*bench
	cell    *cellSpec // of a bench binary; nil of a test

	pairs    int
	failures int
	wall     [2]time.Duration // of the last process of each side
}

func (b *subject) fail(sample checks.Sample) {
	if b.failures++; b.failures >= maxFailures {
		b.Failed = fmt.Sprintf("%s: %s", sample.Side, sample.Error)
	}
}

// expected is how long the next process of a side is likely to take.
func (b *subject) expected(side int) time.Duration {
	return cmp.Or(b.wall[side], b.wall[base])
}
