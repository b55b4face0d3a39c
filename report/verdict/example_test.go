package verdict_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/gvp-bench/gvp/report/verdict"
)

// A driver measures as many rounds as the results ask for, and takes the last
// results as they stand.
func ExamplePlan_Judge() {
	decisions := []verdict.Decision{
		{Benchmark: "Sort", Unit: "sec/op"},
		{Benchmark: "Hash", Unit: "sec/op"},
	}
	plan, err := verdict.Default().Choose(len(decisions), 30)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("looks at", plan.Looks)

	rng := rand.New(rand.NewPCG(1, 0))
	slower := map[string]float64{"Sort": 1, "Hash": 1.08}
	measure := func(d *verdict.Decision) {
		d.Pairs = append(d.Pairs, verdict.Pair{
			Base: 2e-3 * (1 + 0.01*rng.Float64()),
			Head: 2e-3 * (1 + 0.01*rng.Float64()) * slower[d.Benchmark],
		})
	}
	var results []verdict.Result
	for open := true; open; {
		if results, err = plan.Judge(decisions); err != nil {
			fmt.Println(err)
			return
		}
		open = false
		for i, r := range results {
			for len(decisions[i].Pairs) < r.Needs {
				measure(&decisions[i])
				open = true
			}
		}
	}
	for i, r := range results {
		fmt.Printf("%s: %s, %+.1f %% (%.0f %% interval %+.1f %% to %+.1f %%), n=%d+%d, would have seen %+.1f %%\n",
			decisions[i], r.Verdict, 100*(r.Ratio-1), 100*r.Level, 100*(r.Lo-1), 100*(r.Hi-1), r.N, r.Confirmation.N, 100*(r.Detectable-1))
	}

	// Output:
	// looks at [8 12 19 30]
	// Sort sec/op: fine, +0.0 % (90 % interval -0.3 % to +0.4 %), n=8+0, would have seen +3.4 %
	// Hash sec/op: regressed, +8.1 % (90 % interval +7.5 % to +8.7 %), n=8+10, would have seen +3.8 %
}
