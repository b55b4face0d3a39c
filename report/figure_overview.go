package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// overviewFigure shows the speedup over serial of every row in every mode.
func (s *Suite) overviewFigure(findings []Finding) (chart.Overview, bool) {
	o := chart.Overview{}
	series := make(map[string]*chart.Series)
	var shown []Finding
	for _, f := range findings {
		if f.Speedup.Known() {
			shown = append(shown, f)
		}
	}
	for i, f := range shown {
		o.Groups = append(o.Groups, f.Row.Label())
		for _, m := range s.concurrent(f.Row, f.Workers, results.SecPerOp) {
			if series[m] == nil {
				series[m] = &chart.Series{Name: m, Values: slices.Repeat([]chart.Interval{chart.Absent()}, len(shown))}
			}
			base, values := f.Row.base(), f.Row.values(m, f.Workers, results.SecPerOp)
			series[m].Values[i] = drawnRatio(ratioOf(base, values))
		}
	}
	if len(shown) == 0 {
		return o, false
	}
	for _, m := range s.Modes {
		if series[m] != nil {
			o.Series = append(o.Series, *series[m])
		}
	}
	at := "the most workers that there are CPUs for"
	if w, same := sameWorkers(shown); same {
		o.Workers = w
		at = wording.Count(w, "worker")
	}
	o.Frame = s.frame(s.overviewTitle(shown),
		fmt.Sprintf("Speedup over serial at %s, %s (further right is better)", at, sampledAll(shown)))
	return o, true
}

// overviewTitle says how often each mode is among the best.
func (s *Suite) overviewTitle(findings []Finding) string {
	type score struct {
		mode string
		n    int
	}
	var scores []score
	blind := 0
	for _, m := range s.Modes {
		n := 0
		for _, f := range findings {
			if slices.Contains(f.ties(), m) {
				n++
			}
		}
		if n > 0 {
			scores = append(scores, score{m, n})
		}
	}
	for _, f := range findings {
		if f.blind() {
			blind++
		}
	}
	if blind > 0 {
		return "Too few samples to tell all modes apart"
	}
	slices.SortStableFunc(scores, func(a, b score) int { return cmp.Compare(b.n, a.n) })
	var words []string
	for i, sc := range scores {
		if i == 0 {
			words = append(words, fmt.Sprintf("%s is fastest, or cannot be told from the fastest, in %d of %s", sc.mode, sc.n, wording.Count(len(findings), "workload")))
			continue
		}
		words = append(words, fmt.Sprintf("%s in %d", sc.mode, sc.n))
	}
	return strings.Join(words, ", ")
}

// sameWorkers returns the number of workers of the findings, if it is the same.
func sameWorkers(findings []Finding) (int, bool) {
	for _, f := range findings {
		if f.Workers != findings[0].Workers {
			return 0, false
		}
	}
	return findings[0].Workers, true
}

// sampledAll is [Finding.sampled] of several findings.
func sampledAll(findings []Finding) string {
	all := findings[0]
	for _, f := range findings {
		all.N = [2]int{min(all.N[0], f.N[0]), max(all.N[1], f.N[1])}
	}
	return all.sampled()
}
