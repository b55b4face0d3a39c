// Limits measures what processes charge through multiproc beside what the system
// itself charges, what goroutines do, and what Python's multiprocessing does, and
// prints each ratio beside the least that is aimed at:
//
//	limits [-rounds n] [-c program] [-python program] [-empty program] [-only text]
//
// In each round everything is measured once, so that drift of the machine hits
// all alike; ratios are those of medians over the rounds. Without a program, the
// ratios to it are left out, which is said.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

func main() {
	multiproc.Main()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.IntVar(&o.rounds, "rounds", 11, "how often everything is measured")
	flag.StringVar(&o.c, "c", "", "the `program` built of peer.c")
	flag.StringVar(&o.python, "python", "", "the `script` peer.py, for python3")
	flag.StringVar(&o.empty, "empty", "", "an empty Go `program`")
	flag.StringVar(&o.only, "only", "", "measure only what has this `text` in its name")
	flag.Parse()
	if err := run(ctx, os.Stdout, os.Stderr, o); err != nil {
		fmt.Fprintln(os.Stderr, "limits:", err)
		os.Exit(1)
	}
}

type options struct {
	rounds           int
	c, python, empty string
	only             string
}

// figures are nanoseconds by name, one for each round.
type figures map[string][]float64

func run(ctx context.Context, stdout, talk io.Writer, o options) error {
	if o.rounds < 1 {
		return fmt.Errorf("%d rounds: want 1 or more", o.rounds)
	}
	measures, err := chosen(o)
	if err != nil {
		return err
	}
	f := figures{}
	for round := range o.rounds {
		fmt.Fprintf(talk, "limits: round %d of %d\n", round+1, o.rounds)
		for _, m := range measures {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := m.run(ctx, f); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
	}
	for _, missing := range []struct{ program, what string }{
		{o.c, "no C compiler: without what the system itself charges"},
		{o.python, "no python3: without what Python charges"},
	} {
		if missing.program == "" {
			fmt.Fprintln(talk, "limits:", missing.what)
		}
	}
	return write(stdout, f, o.rounds)
}

// chosen returns what is to be measured.
func chosen(o options) ([]measure, error) {
	all := slices.Clone(measures)
	for _, peer := range []struct {
		program string
		argv    []string
	}{{o.c, []string{o.c}}, {o.python, []string{"python3", o.python}}} {
		if peer.program != "" {
			all = append(all, measure{"peer " + peer.program, func(ctx context.Context, f figures) error {
				return f.runPeer(ctx, peer.argv...)
			}})
		}
	}
	if o.empty != "" {
		all = append(all, measure{"empty program", func(ctx context.Context, f figures) error {
			return f.runEmpty(ctx, o.empty)
		}})
	}
	all = slices.DeleteFunc(all, func(m measure) bool { return !strings.Contains(m.name, o.only) })
	if len(all) == 0 {
		return nil, errors.New("nothing has that text in its name")
	}
	return all, nil
}

// write writes the table of what was measured.
func write(w io.Writer, f figures, rounds int) error {
	t := tabwriter.NewWriter(w, 0, 8, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "medians of %d\t\tpeer\t\tratio\taim\t\t\n", rounds)
	for _, r := range rows {
		ours, peers := f[r.ours], f[r.peer]
		if len(ours) == 0 || len(peers) == 0 {
			continue
		}
		a, b := median(ours), median(peers)
		ratio, verdict := a/b, "reached"
		if r.faster {
			ratio = b / a
		}
		if r.faster && ratio < r.aim || !r.faster && ratio > r.aim {
			verdict = "missed"
		}
		how := "at most"
		if r.faster {
			how = "at least"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%.3g\t%s %g\t%s\t\n", r.ours, duration(a), r.peer, duration(b), ratio, how, r.aim, verdict)
	}
	return t.Flush()
}

func duration(ns float64) string {
	if ns < 10_000 {
		return fmt.Sprintf("%.4gns", ns)
	}
	return time.Duration(ns).Round(10 * time.Nanosecond).String()
}

func median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
