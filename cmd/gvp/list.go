package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gvp-bench/gvp/results"
)

// A listing is what list writes as JSON.
type listing struct {
	results.Catalog
	Presets []preset `json:"presets"`
}

func (t *tool) listCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list [package-or-binary]",
		Short: "List the workloads, modes and presets",
		Long: `list says what the built-in bench binary can measure or, with an argument,
another one: an executable file, or a package, which is built.`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			return t.withBench(c.Context(), args, func(path string) error {
				catalog, err := describe(c.Context(), path)
				if err != nil {
					return err
				}
				all := listing{catalog, presets()}
				if format == "json" {
					return t.writeJSON(all)
				}
				return writeListing(t.stdout, all)
			})
		},
	}
	addChoice(c, &format, "format", "text", []string{"text", "json"}, "how to write it")
	return c
}

// writeListing writes the listing as tables.
func writeListing(out io.Writer, l listing) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(cells ...string) {
		// The writer keeps its first error for Flush.
		_, _ = fmt.Fprintln(w, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	row("WORKLOAD", "PARAMETER", "DEFAULT", "RANGE", "WHAT IT IS")
	for _, wl := range l.Workloads {
		row(wl.Name, "", "", "", wl.Help)
		for _, p := range wl.Params {
			row("", p.Name, p.Default, p.Range, p.Help)
		}
	}
	row()
	row("MODE", "WHERE THE WORKERS LIVE")
	for _, m := range l.Modes {
		row(m.Name, m.Help)
	}
	row()
	row("PRESET", "WHAT IT IS FOR")
	for _, p := range l.Presets {
		row(p.Name, p.Help)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	return nil
}
