// Limits measures what processes charge through multiproc beside what the system
// itself charges, what goroutines do, and what Python's multiprocessing does, and
// prints each ratio beside the least that is aimed at:
//
//	limits [-rounds n] [-c program] [-python program] [-empty program] [-gvp program] [-only text]
//
// In each round everything is measured once, so that drift of the machine hits
// all alike; ratios are those of medians over the rounds. What takes long is
// measured in the first round only. Without a program, the ratios to it are left
// out, which is said.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
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
	flag.StringVar(&o.gvp, "gvp", "", "the `program` gvp, beside its bench binary")
	flag.StringVar(&o.just, "just", "", "write the figures of one `measure`, and no table")
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
	gvp              string
	only, just       string
}

// figures are nanoseconds by name, or bytes, one for each round.
type figures map[string][]float64

func run(ctx context.Context, stdout, talk io.Writer, o options) error {
	if o.just != "" {
		return runJust(ctx, stdout, o.just)
	}
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
			if m.once && round > 0 {
				continue
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

// runJust writes a line for each figure of a measure, as [figures.runPeer] reads
// them: its name and its number.
func runJust(ctx context.Context, w io.Writer, name string) error {
	i := slices.IndexFunc(apart, func(m measure) bool { return m.name == name })
	if i < 0 {
		return fmt.Errorf("no measure %q", name)
	}
	f := figures{}
	if err := apart[i].run(ctx, f); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		for _, v := range f[name] {
			if _, err := fmt.Fprintf(w, "%s %g\n", name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// chosen returns what is to be measured.
func chosen(o options) ([]measure, error) {
	all := slices.Clone(measures)
	for _, peer := range []struct {
		program, prefix string
		argv            []string
	}{{o.c, "c ", []string{o.c}}, {o.python, "python ", []string{"python3", o.python}}} {
		if peer.program != "" {
			all = append(all, measure{name: "peer " + peer.program, run: func(ctx context.Context, f figures) error {
				return f.runPeer(ctx, peer.prefix, nil, peer.argv...)
			}})
		}
	}
	if o.empty != "" {
		all = append(all, measure{name: "empty program", run: func(ctx context.Context, f figures) error {
			return f.runEmpty(ctx, o.empty)
		}})
	}
	if o.gvp != "" {
		all = append(all, measure{name: "granularity", once: true, run: func(ctx context.Context, f figures) error {
			return f.metgFigures(ctx, o.gvp)
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
		show := duration
		if r.bytes {
			show = mebibytes
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%.3g\t%s %g\t%s\t\n", r.ours, show(a), r.peer, show(b), ratio, how, r.aim, verdict)
	}
	return t.Flush()
}

func duration(ns float64) string {
	if ns < 10_000 {
		return fmt.Sprintf("%.4gns", ns)
	}
	return time.Duration(ns).Round(10 * time.Nanosecond).String()
}

func mebibytes(n float64) string { return fmt.Sprintf("%.1fMiB", n/(1<<20)) }

func median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
