package check

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// A Source is what a side is made from. The zero value is the working tree, with
// all changes that are in it.
type Source struct {
	// Revision is a revision of the git repository around Options.Dir.
	Revision string

	// Binary is a file that is built already: by go test -c, or from a main
	// package that calls runner.Main.
	Binary string
}

func (s Source) String() string {
	switch {
	case s.Binary != "":
		return s.Binary
	case s.Revision != "":
		return s.Revision
	}
	return "working tree"
}

// Kinds says what is compared where there are go test benchmarks and bench
// binaries.
type Kinds int

// The zero value compares the cells of bench binaries only where a side has no go
// test benchmarks.
const (
	TestsElseCells Kinds = iota
	CellsAlone
	TestsAndCells
)

// Options say what is compared and how. The zero value compares the working tree
// with itself.
type Options struct {
	Base, Head Source

	// Dir is the folder in a module in which package patterns mean what they
	// say; empty means the current one. Prebuilt test binaries run in it.
	Dir string

	// Packages are patterns of the go command; none means ./... .
	Packages []string

	// Bench chooses go test benchmarks, as go test's flag -bench; empty means all.
	Bench string

	// Cells chooses what is measured of bench binaries, those whose main
	// function is runner.Main. It is told what each of them can measure, those
	// of both sides together, and returns the cells of each. Without it, only go
	// test benchmarks are compared.
	Cells func([]results.Catalog) ([][]results.Cell, error)

	// Kinds says whether go test benchmarks or cells are compared where there
	// are both.
	Kinds Kinds

	// BuildFlags are passed to the go command for both sides, each a word.
	BuildFlags []string

	// Layouts is how many builds each package of each side has, with the
	// functions in another random order in each. Each round has builds of its
	// own, since two rounds with the same ones would not be independent: so
	// there are no more rounds than that. 0 means one build, in the linker's own
	// order, for all rounds.
	Layouts int

	Seed uint64 // of the order in each round and of the layouts

	// Rounds is how many there are at most; 0 means 30. Layouts may allow fewer.
	Rounds int

	// Target is the wall time of the loop of a sample that is aimed at; 0 means 200 ms.
	Target time.Duration

	// Timeout is how long a process may take; 0 means a minute or 20 targets,
	// whichever is more.
	Timeout time.Duration

	// MaxTime is how long measuring may take, from the first benchmark process
	// on, which looks for benchmarks: a round that is not likely to fit is not
	// begun, and what runs when time is up is soon ended. 0 is no limit. Profiles
	// are taken afterwards, and are not part of it.
	MaxTime time.Duration

	// GOMAXPROCS is that of each test process; 0 means what it is here.
	GOMAXPROCS int

	Out   string // where the check's folder is made; empty means results/checks
	Cache string // where worktrees and builds go; empty means gvp/check in the user's cache folder

	Machine results.Machine // as campaign.ReadMachine returns it, to be recorded
	Command []string        // what the tool was called with, to be recorded
}

const (
	defaultRounds = 30
	defaultTarget = 200 * time.Millisecond
	maxRounds     = 10_000
	maxLayouts    = 100
	maxProcs      = 1 << 16
)

// An OptionsError says which of the options cannot be.
type OptionsError struct{ Err error }

func (e *OptionsError) Error() string { return e.Err.Error() }
func (e *OptionsError) Unwrap() error { return e.Err }

// complete checks the options and fills in what is not given.
func (o *Options) complete() error {
	switch {
	case o.Rounds < 0 || o.Rounds > maxRounds:
		return fmt.Errorf("%d rounds: want 1 to %d", o.Rounds, maxRounds)
	case o.Layouts < 0 || o.Layouts > maxLayouts:
		return fmt.Errorf("%d layouts: want 0 to %d", o.Layouts, maxLayouts)
	case o.GOMAXPROCS < 0 || o.GOMAXPROCS > maxProcs:
		return fmt.Errorf("GOMAXPROCS=%d: want 1 to %d", o.GOMAXPROCS, maxProcs)
	case o.Target < 0 || o.Timeout < 0 || o.MaxTime < 0:
		return fmt.Errorf("a time is negative: target %v, time-out %v, at most %v", o.Target, o.Timeout, o.MaxTime)
	}
	for _, s := range []Source{o.Base, o.Head} {
		if s.Binary != "" && s.Revision != "" {
			return fmt.Errorf("%s is a revision and %s a binary: a side is one of the two", s.Revision, s.Binary)
		}
	}
	if _, others := linkerFlags(o.BuildFlags); slices.ContainsFunc(others, isLinkerFlag) {
		return errors.New("-ldflags has no value: give it one, such as -ldflags=-s") // it would swallow our next word
	}
	if o.Bench == "" {
		o.Bench = "."
	}
	if _, err := parsePattern(o.Bench); err != nil {
		return err
	}
	if len(o.Packages) == 0 {
		o.Packages = []string{"./..."}
	}
	setDefault(&o.Dir, ".")
	setDefault(&o.Rounds, defaultRounds)
	if o.Layouts > 0 {
		o.Rounds = min(o.Rounds, o.Layouts)
	}
	setDefault(&o.Target, defaultTarget)
	setDefault(&o.Timeout, max(time.Minute, 20*o.Target))
	setDefault(&o.GOMAXPROCS, runtime.GOMAXPROCS(0))
	setDefault(&o.Out, "results/checks")
	setDefault(&o.Machine.OS, runtime.GOOS)
	setDefault(&o.Machine.Arch, runtime.GOARCH)
	return nil
}

func setDefault[T comparable](v *T, def T) {
	if *v == *new(T) {
		*v = def
	}
}

// A pattern is a regular expression as go test -bench takes it: alternatives,
// each of one expression for each level of a name.
type pattern [][]string

// parsePattern splits a pattern as package testing does: at slashes and, between
// alternatives, at bars, unless they are within brackets or parentheses.
func parsePattern(text string) (pattern, error) {
	var p pattern
	for _, alternative := range split(text, '|') {
		levels := split(alternative, '/')
		for _, level := range levels {
			if _, err := regexp.Compile(level); err != nil {
				return nil, fmt.Errorf("pattern of benchmarks %q: %w", text, err)
			}
		}
		p = append(p, levels)
	}
	return p, nil
}

// split cuts a regular expression at each sep that is not nested in it.
func split(text string, sep byte) []string {
	var parts []string
	brackets, parens, start := 0, 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '[':
			brackets++
		case c == ']':
			brackets = max(0, brackets-1)
		case c == '(' && brackets == 0:
			parens++
		case c == ')' && brackets == 0:
			parens--
		case c == sep && brackets == 0 && parens == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// alternatives returns those that match a benchmark function, by their places.
func (p pattern) alternatives(function string) []int {
	var all []int
	for i, levels := range p {
		if ok, err := regexp.MatchString(levels[0], function); err == nil && ok {
			all = append(all, i)
		}
	}
	return all
}

// filter returns the pattern restricted to one benchmark function, whose name it
// is given; it is empty if the function does not match.
func (p pattern) filter(function string) string {
	filter := ""
	for _, i := range p.alternatives(function) {
		if filter != "" {
			filter += "|"
		}
		filter += exact(function)
		for _, level := range p[i][1:] {
			filter += "/" + level
		}
	}
	return filter
}
