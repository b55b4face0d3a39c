package checks

import (
	"slices"

	"github.com/gvp-bench/gvp/results"
)

// A Series is the pairs of one benchmark and unit, in the order of the rounds.
type Series struct {
	Benchmark string
	Unit      string // in base units: sec/op
	Pairs     []Pair
}

// A Pair is what both sides measured in one round.
type Pair struct {
	Round      int
	Base, Head float64
}

// A Failure is a process that was to measure and did not.
type Failure struct {
	Benchmark string
	Side      string
	Round     int // 0 is before the first
	Reason    Reason
	Error     string
	Stderr    string // its end
}

// Pairs turns samples into pairs: a benchmark has one of a round if both sides
// measured it then. Series are in the order in which benchmarks and units first
// appear. What failed makes no pair, and is listed.
func Pairs(samples []Sample) ([]Series, []Failure) {
	type key struct {
		benchmark string
		round     int
	}
	type sides struct{ base, head *Sample }
	var failures []Failure
	var names []string
	rounds := make(map[string][]int) // by benchmark
	found := make(map[key]*sides)
	for i := range samples {
		s := &samples[i]
		if !s.OK {
			failures = append(failures, Failure{s.Benchmark, s.Side, s.Round, s.Reason, s.Error, s.Stderr})
			continue
		}
		if rounds[s.Benchmark] == nil {
			names = append(names, s.Benchmark)
		}
		k := key{s.Benchmark, s.Round}
		both := found[k]
		if both == nil {
			both = new(sides)
			found[k] = both
			rounds[s.Benchmark] = append(rounds[s.Benchmark], s.Round)
		}
		// Of two of one side and round, which no check writes, the first counts.
		switch {
		case s.Side == Base && both.base == nil:
			both.base = s
		case s.Side == Head && both.head == nil:
			both.head = s
		}
	}
	var all []Series
	for _, name := range names {
		slices.Sort(rounds[name])
		first := len(all)
		for _, round := range rounds[name] {
			if both := found[key{name, round}]; both.base != nil && both.head != nil {
				all = addPair(all, first, both.base, both.head)
			}
		}
	}
	return all, failures
}

// addPair adds what two samples of one round have in common to the series of
// their benchmark, which begin at first.
func addPair(all []Series, first int, base, head *Sample) []Series {
	for i, m := range base.Metrics {
		j := slices.IndexFunc(head.Metrics, sameUnit(m.Unit))
		if j < 0 || slices.IndexFunc(base.Metrics, sameUnit(m.Unit)) != i {
			continue
		}
		at := slices.IndexFunc(all[first:], func(s Series) bool { return s.Unit == m.Unit })
		if at < 0 {
			at = len(all) - first
			all = append(all, Series{Benchmark: base.Benchmark, Unit: m.Unit})
		}
		s := &all[first+at]
		s.Pairs = append(s.Pairs, Pair{base.Round, m.Value, head.Metrics[j].Value})
	}
	return all
}

func sameUnit(unit string) func(results.Metric) bool {
	return func(m results.Metric) bool { return m.Unit == unit }
}
