package profile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/pprof/profile"
)

// A Summary says where the CPU time of a profile went.
type Summary struct {
	Samples int64   // how often a CPU was looked at
	Seconds float64 // CPU seconds that the samples stand for

	// Shares has every kind but Unknown, in the order of [Kinds], and Unknown
	// if there is any.
	Shares []Share

	// Top are the functions that ran most, by Flat.
	Top []Function

	// Warnings must be printed next to the numbers.
	Warnings []string
}

// A Share is the part of one kind of work.
type Share struct {
	Kind     Kind
	Seconds  float64 // CPU seconds
	Fraction float64 // of the summary's seconds: 0 to 1
}

// A Function is the CPU time of one function.
type Function struct {
	Name string
	Kind Kind    // what it did for most of Flat
	Flat float64 // CPU seconds in it
	Cum  float64 // CPU seconds in it and in what it called
}

// fewSamples is the number of samples below which shares are but a hint: a share
// of a half then has a standard error of five percentage points or more,
// √(¼/n), by the binomial distribution.
const fewSamples = 100

// Summarize says where the CPU time of p went, as [Classify] tells it, and
// lists the top functions, at most that many; all if top is negative.
func Summarize(p *profile.Profile, top int) Summary {
	var s Summary
	var total int64 // times are summed in nanoseconds, where sums are exact
	kinds := map[Kind]int64{}
	funcs := map[string]*function{}
	for _, sample := range p.Sample {
		if sample == nil || len(sample.Value) != 2 {
			continue
		}
		ns := sample.Value[1]
		stack := names(sample)
		kind := Classify(stack)
		s.Samples += sample.Value[0]
		total += ns
		kinds[kind] += ns
		charge(funcs, stack, kind, ns)
	}
	s.Seconds = seconds(total)
	for _, k := range Kinds() {
		if ns, ok := kinds[k]; ok || k != Unknown {
			share := Share{Kind: k, Seconds: seconds(ns)}
			if total > 0 {
				share.Fraction = float64(ns) / float64(total)
			}
			s.Shares = append(s.Shares, share)
		}
	}
	s.Top = ranked(funcs, top)
	if s.Samples < fewSamples {
		s.Warnings = append(s.Warnings, fmt.Sprintf("only %d samples: shares are rough below %d; profile for longer", s.Samples, fewSamples))
	}
	return s
}

func seconds(ns int64) float64 { return float64(ns) / 1e9 }

// names returns the function names of a sample's stack, the running function
// first and inlined functions before those that they are part of.
func names(s *profile.Sample) []string {
	stack := make([]string, 0, len(s.Location))
	for _, l := range s.Location {
		if l == nil {
			continue
		}
		for _, line := range l.Line {
			name := ""
			if line.Function != nil {
				name = line.Function.Name
			}
			stack = append(stack, name)
		}
	}
	return stack
}

// A function is a Function in the making, in nanoseconds.
type function struct {
	flat, cum int64
	kinds     map[Kind]int64 // of flat
}

// charge adds a sample to the functions of its stack. A recursive function is
// charged once.
func charge(funcs map[string]*function, stack []string, kind Kind, ns int64) {
	seen := make(map[string]bool, len(stack))
	for i, name := range stack {
		if name == "" {
			name = "(no name)"
		}
		f := funcs[name]
		if f == nil {
			f = &function{kinds: map[Kind]int64{}}
			funcs[name] = f
		}
		if i == 0 {
			f.flat += ns
			f.kinds[kind] += ns
		}
		if !seen[name] {
			f.cum += ns
			seen[name] = true
		}
	}
}

// ranked returns the n functions that ran most, all if n is negative. Ties go by
// cumulative time and then by name, so that the order does not vary. Functions
// that never ran themselves are not among them.
func ranked(funcs map[string]*function, n int) []Function {
	var fs []Function
	for name, f := range funcs {
		if len(f.kinds) > 0 {
			fs = append(fs, Function{Name: name, Kind: mostOf(f.kinds), Flat: seconds(f.flat), Cum: seconds(f.cum)})
		}
	}
	slices.SortFunc(fs, func(a, b Function) int {
		return cmp.Or(cmp.Compare(b.Flat, a.Flat), cmp.Compare(b.Cum, a.Cum), cmp.Compare(a.Name, b.Name))
	})
	if n >= 0 && len(fs) > n {
		fs = fs[:n]
	}
	return fs
}

// mostOf returns the kind with the most seconds, the first of equal ones.
func mostOf(kinds map[Kind]int64) Kind {
	most := Unknown
	for _, k := range Kinds() {
		if kinds[k] > kinds[most] {
			most = k
		}
	}
	return most
}
