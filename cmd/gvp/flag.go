package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// A choice is the value of a flag that takes one of some words.
type choice struct {
	value *string
	of    []string
}

func (c choice) String() string { return *c.value }
func (c choice) Type() string   { return "word" }

func (c choice) Set(s string) error {
	if !slices.Contains(c.of, s) {
		return unknown("value", s, c.of)
	}
	*c.value = s
	return nil
}

// addChoice gives the command a flag that takes one of some words.
func addChoice(c *cobra.Command, value *string, name, def string, of []string, help string) {
	*value = def
	c.Flags().Var(choice{value, of}, name, help+": "+strings.Join(of, ", "))
	complete(c, name, cobra.FixedCompletions(of, cobra.ShellCompDirectiveNoFileComp))
}

// words is the value of a flag that takes names, apart by commas or by giving
// the flag more than once.
type words []string

func (w *words) String() string { return strings.Join(*w, ",") }
func (w *words) Type() string   { return "names" }

func (w *words) Set(s string) error {
	for word := range strings.SplitSeq(s, ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			return fmt.Errorf("empty name in %q", s)
		}
		if !slices.Contains(*w, word) {
			*w = append(*w, word)
		}
	}
	return nil
}

// counts is the value of a flag that takes positive whole numbers.
type counts []int

func (c *counts) String() string {
	var text []string
	for _, n := range *c {
		text = append(text, strconv.Itoa(n))
	}
	return strings.Join(text, ",")
}

func (c *counts) Type() string { return "numbers" }

func (c *counts) Set(s string) error {
	for word := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 {
			return fmt.Errorf("bad value %q: want whole numbers from 1 on, such as 1,2,4", word)
		}
		if !slices.Contains(*c, n) {
			*c = append(*c, n)
		}
	}
	return nil
}

// params is the value of the flag that sets workloads' parameters.
type params map[string][]string

func (p params) String() string { return "" }
func (p params) Type() string   { return "name=values" }

func (p params) Set(s string) error {
	name, values, ok := strings.Cut(s, "=")
	if !ok || name == "" || values == "" {
		return fmt.Errorf("bad value %q: want name=value, workload.name=value or name=value,value", s)
	}
	for v := range strings.SplitSeq(values, ",") {
		if !slices.Contains(p[name], v) {
			p[name] = append(p[name], v)
		}
	}
	return nil
}

// percents is the value of a flag that takes numbers above 0, in per cent.
type percents []float64

func (p *percents) String() string { return strings.Trim(fmt.Sprint([]float64(*p)), "[]") }
func (p *percents) Type() string   { return "numbers" }

func (p *percents) Set(s string) error {
	var all percents
	for word := range strings.SplitSeq(s, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil || !(x > 0 && x <= 1000) {
			return fmt.Errorf("bad value %q: want per cent above 0, such as 2,5,10", word)
		}
		all = append(all, x)
	}
	*p = all
	return nil
}
