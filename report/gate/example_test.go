package gate_test

import (
	"fmt"
	"os"

	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results/checks"
)

// A driver plans, measures as long as the outcome wants pairs, and says what came
// of it.
func Example() {
	in := gate.Input{
		Check:  checks.Check{Base: checks.Side{What: "main"}, Head: checks.Side{What: "HEAD"}},
		Series: []gate.Series{{Benchmark: "Hash", Unit: "sec/op"}, {Benchmark: "Hash", Unit: "allocs/op"}},
	}
	var err error
	// Of what is decided, allocations are counted, and so one is estimated.
	if in.Plan, err = verdict.Default().Choose(1, 20); err != nil {
		fmt.Println(err)
		return
	}
	var o *gate.Outcome
	for {
		if o, err = gate.Judge(in); err != nil {
			fmt.Println(err)
			return
		}
		if !o.Open() {
			break
		}
		// Here a round is measured: a process of each side.
		n := 1 + 0.001*float64(len(in.Series[0].Pairs)%3)
		in.Series[0].Pairs = append(in.Series[0].Pairs, verdict.Pair{Base: 2e-3 * n, Head: 2.2e-3})
		in.Series[1].Pairs = append(in.Series[1].Pairs, verdict.Pair{Base: 3, Head: 3})
	}
	if err := o.WriteText(os.Stdout, gate.TextOptions{Width: 90}); err != nil {
		fmt.Println(err)
	}
	fmt.Println("to profile:", o.Slower())
	// Output:
	// base main, head HEAD
	//
	// benchmark  unit          base     head  change  verdict
	// Hash       sec/op     2.00 ms  2.20 ms  +9.9 %  regressed
	// Hash       allocs/op        3        3   0.0 %  fine
	//
	// benchmark  unit                interval     n      p    seen
	// Hash       sec/op     +9.8 % to +10.0 %  7+10  0.031  +3.1 %
	// Hash       allocs/op                        7  exact  +3.0 %
	// change: head over base with its 90 % interval; n: pairs, and fresh ones to confirm; p: of
	// being worse by no more than 3 %, corrected for all decisions; seen: the smallest change
	// for the worse that could have been seen
	//
	// Why
	//   • Hash sec/op: confirmed by 10 fresh pairs: +9.9 %
	//
	// Notes
	//   • control: none was measured, so that nothing is known of the machine
	//
	// regressed: Hash sec/op +9.9 %; exit status 1
	// to profile: [Hash]
}
