package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/results/checks"
)

// historyFile is where gvp trend looks if nothing else is said.
const historyFile = "results/gvp.history.jsonl"

func (t *tool) trendCommand() *cobra.Command {
	var bench, format, color, out string
	c := &cobra.Command{
		Use:   "trend [file]",
		Short: "Show how benchmarks have changed over revisions",
		Long: `trend reads the history that gvp check --history appends to, and says of each
benchmark where its level has changed: change points by E-divisive with means
(Matteson and James 2014). With --out it draws a chart of each. As JSON it has all
points, as report/gate/trend.schema.json in gvp's sources says.

Revisions are in git's order where there is a checkout that knows them. Those that
it does not know, such as files or what a shallow clone lacks, stand where they were
measured.`,
		Example: `  gvp check --base HEAD~1 --history results/gvp.history.jsonl
  gvp trend
  gvp trend --bench Encode --out charts results/gvp.history.jsonl
  gvp trend --format markdown`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("%s takes one file of history, but was also given %q", c.CommandPath(), args[1])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			file := historyFile
			if len(args) > 0 {
				file = args[0]
			}
			pattern, err := regexp.Compile(bench)
			if err != nil {
				return usagef("--bench: %w", err)
			}
			return t.trend(c.Context(), file, pattern, gate.Format(format), color, out)
		},
	}
	c.Flags().StringVar(&bench, "bench", ".", "benchmarks to show, a regular expression")
	c.Flags().StringVarP(&out, "out", "o", "", "folder for charts (default none are drawn)")
	addChoice(c, &format, "format", "text", trendFormatNames(), "what is written to standard output")
	addChoice(c, &color, "color", "auto", []string{"auto", "always", "never"}, "colour in text")
	complete(c, "bench", cobra.NoFileCompletions)
	complete(c, "out", dirs)
	return c
}

func (t *tool) trend(ctx context.Context, file string, bench *regexp.Regexp, format gate.Format, color, out string) error {
	in, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("there is no history in %s: gvp check --history %s makes one", file, file)
	}
	if err != nil {
		return err
	}
	defer in.Close()
	entries, warnings, err := gate.ReadHistory(in)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, w := range warnings {
		t.say("%s: %s", file, w)
	}
	matched := false
	for i := range entries {
		var kept []gate.HistoryValue
		for _, v := range entries[i].Benchmarks {
			if bench.MatchString(v.Benchmark) {
				kept = append(kept, v)
			}
		}
		entries[i].Benchmarks = kept
		matched = matched || len(kept) > 0
	}
	trends, err := gate.Trends(entries, gate.TrendOptions{Revisions: revisions(ctx, filepath.Dir(file))})
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	switch {
	case !matched:
		return usagef("%s has no benchmark that matches %s", file, bench)
	case len(trends) == 0:
		return usagef("%s has no value of a revision, only checks that were stopped before the first pair or of trees with changes that were not committed: commit, and check again", file)
	}
	if err := gate.WriteTrends(t.stdout, trends, format, gate.TextOptions{Color: colored(color, t.stdout), Width: width(t.stdout)}); err != nil {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	if out == "" {
		return nil
	}
	return drawTrends(trends, out)
}

func trendFormatNames() []string {
	var names []string
	for _, f := range gate.TrendFormats() {
		names = append(names, string(f))
	}
	return names
}

// revisions returns the commits of the checkout around dir, the oldest first; none
// if there is no checkout.
func revisions(ctx context.Context, dir string) []string {
	// A hook has variables set that tie git to its own repository. Git names them.
	ties := gitWords(ctx, dir, os.Environ(), "rev-parse", "--local-env-vars")
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(ties, name)
	})
	return gitWords(ctx, dir, env, "log", "--reverse", "--format=%H")
}

// gitWords runs git in dir and returns the words that it writes; none if it fails.
func gitWords(ctx context.Context, dir string, env []string, args ...string) []string {
	git := exec.CommandContext(ctx, "git", args...)
	git.Dir, git.Env = dir, env
	text, err := git.Output()
	if err != nil {
		return nil
	}
	return strings.Fields(string(text))
}

// drawTrends draws a chart of each trend.
func drawTrends(trends []gate.Trend, out string) error {
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	taken := make(map[string]int)
	for _, tr := range trends {
		name := strings.Trim(notInFiles.ReplaceAllString(tr.Name(), "-"), "-")
		if taken[name]++; taken[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, taken[name])
		}
		for ext, draw := range map[string]func(io.Writer, chart.Chart, chart.Options) error{".svg": chart.SVG, ".png": chart.PNG} {
			var b bytes.Buffer
			if err := draw(&b, tr.Chart(), chart.Options{}); err != nil {
				return fmt.Errorf("chart of %s: %w", tr.Name(), err)
			}
			if err := checks.Replace(filepath.Join(out, name+ext), b.Bytes()); err != nil {
				return err
			}
		}
	}
	return nil
}

var notInFiles = regexp.MustCompile(`[^A-Za-z0-9_.=-]+`)
