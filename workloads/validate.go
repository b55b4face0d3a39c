package workloads

import (
	"errors"
	"fmt"
	"slices"
)

// Validate checks what workloads declare: everything that would otherwise come
// to light in the middle of a run, or as a benchmark name that Go's tools read
// wrongly. It returns the first mistake.
func Validate(ws ...Workload) error {
	seen := map[string]bool{}
	for _, w := range ws {
		if seen[w.Name] {
			return fmt.Errorf("two workloads are named %q: rename one", w.Name)
		}
		seen[w.Name] = true
		if err := w.validate(); err != nil {
			return fmt.Errorf("workload %q: %w", w.Name, err)
		}
	}
	return nil
}

func (w Workload) validate() error {
	if err := checkName(w.Name, "control"); err != nil { // the runner has one of that name
		return err
	}
	if w.Help == "" {
		return errors.New("it has no Help")
	}
	if w.New == nil {
		return errors.New("it has no New")
	}
	seen := map[string]bool{}
	for _, p := range w.Params {
		if seen[p.Name] {
			return fmt.Errorf("two parameters are named %q: rename one", p.Name)
		}
		seen[p.Name] = true
		if err := p.validate(); err != nil {
			return fmt.Errorf("parameter %q: %w", p.Name, err)
		}
	}
	return nil
}

func (p Param) validate() error {
	// The other parts of a cell's name are taken.
	if err := checkName(p.Name, "workload", "mode", "workers"); err != nil {
		return err
	}
	if p.Help == "" {
		return errors.New("it has no help")
	}
	if p.Min < 0 {
		// -5 at the end of a name would be read as GOMAXPROCS=5.
		return fmt.Errorf("its least value, %s, is negative", p.format(p.Min))
	}
	if p.Min > p.Max {
		return fmt.Errorf("no value is in its range, %s", p.Range())
	}
	canon, err := p.Parse(p.Default)
	if err != nil {
		return fmt.Errorf("its default: %w", err)
	}
	if canon != p.Default {
		return fmt.Errorf("its default, %q, is not in canonical form: want %q", p.Default, canon)
	}
	return nil
}

// checkName wants a lower-case word, letters and perhaps digits after them:
// names then need no quoting in benchmark names, file names and command lines.
func checkName(name string, taken ...string) error {
	for i, r := range name {
		letter, digit := 'a' <= r && r <= 'z', '0' <= r && r <= '9'
		if !letter && (!digit || i == 0) {
			return errors.New("the name is not a word of lower-case letters and digits")
		}
	}
	if name == "" {
		return errors.New("the name is empty")
	}
	if slices.Contains(taken, name) {
		return errors.New("gvp uses this name itself: choose another")
	}
	return nil
}
