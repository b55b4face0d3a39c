// Sidebyside runs commands in turn, again and again, and prints the median wall
// time and peak memory of each, and their ratios to those of the last one:
//
//	sidebyside [-n runs] name command [argument…] [-- name command [argument…]]…
//
// The commands take turns, so that drift of the machine hits all alike. What
// they write to standard output is thrown away, what they write to standard
// error is shown. A command that fails ends it all.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"text/tabwriter"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	n := flag.Int("n", 11, "measured `runs` of each command, after one unmeasured")
	flag.Parse()
	if err := run(ctx, os.Stdout, *n, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "sidebyside:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, stdout io.Writer, n int, args []string) error {
	if n < 1 {
		return fmt.Errorf("bad number of runs %d: want 1 or more", n)
	}
	contestants, err := split(args)
	if err != nil {
		return err
	}
	for i := range n + 1 {
		for j := range contestants {
			c := &contestants[(i+j)%len(contestants)] // each goes first in its turn
			m, err := measure(ctx, c.argv)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if i > 0 { // the first round warms the caches up
				c.wall = append(c.wall, m.wall.Seconds())
				c.peak = append(c.peak, m.peak)
			}
		}
	}
	return write(stdout, contestants, n)
}

// A contestant is a command and what was measured of it.
type contestant struct {
	name string
	argv []string
	wall []float64 // seconds
	peak []float64 // bytes; 0 where the system does not say
}

// split takes the arguments apart at each "--".
func split(args []string) ([]contestant, error) {
	var all []contestant
	for len(args) > 0 {
		group := args
		if i := slices.Index(args, "--"); i >= 0 {
			group, args = args[:i], args[i+1:]
		} else {
			args = nil
		}
		if len(group) < 2 {
			return nil, fmt.Errorf("%q: want a name and a command", group)
		}
		all = append(all, contestant{name: group[0], argv: group[1:]})
	}
	if len(all) == 0 {
		return nil, errors.New("no commands: want a name and a command, then -- and the next")
	}
	return all, nil
}

type measurement struct {
	wall time.Duration // from before the start to the end
	peak float64       // bytes
}

func measure(ctx context.Context, argv []string) (measurement, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return measurement{}, err
	}
	return measurement{wall, peakBytes(cmd.ProcessState)}, nil
}

func write(w io.Writer, contestants []contestant, n int) error {
	base := contestants[len(contestants)-1]
	floor := ownPeakBytes()
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintf(tw, "medians of %d\twall\tratio\tpeak memory\tratio\n", n)
	for _, c := range contestants {
		wall, peak := median(c.wall), median(c.peak)
		fmt.Fprintf(tw, "%s\t%s\t%.2f\t", c.name, time.Duration(wall*1e9).Round(time.Microsecond), wall/median(base.wall))
		switch {
		case peak == 0:
			fmt.Fprint(tw, "unknown\t\n")
		case peak <= floor:
			// A child's figure begins with that of its parent: below, it says
			// nothing of the child.
			fmt.Fprintf(tw, "≤ %.1f MiB\t\n", floor/(1<<20))
		default:
			fmt.Fprintf(tw, "%.1f MiB\t%.2f\n", peak/(1<<20), peak/median(base.peak))
		}
	}
	return tw.Flush()
}

// median returns the middle of v, which is not empty.
func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
