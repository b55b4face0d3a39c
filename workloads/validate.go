package workloads

import (
	"errors"
	"fmt"
	"slices"
)

// Validate checks what workloads declare: everything that would otherwise come
// to light in the middle of a run, or as a benchmark name that Go's tools read
// wrongly. It names all mistakes, not just the first.
func Validate(ws ...Workload) error {
	var errs []error
	seen := map[string]bool{}
	for _, w := range ws {
		if seen[w.Name] {
			errs = append(errs, fmt.Errorf("two workloads are named %q: rename one", w.Name))
		}
		seen[w.Name] = true
		if err := w.validate(); err != nil {
			errs = append(errs, fmt.Errorf("workload %q: %w", w.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (w Workload) validate() error {
	errs := []error{checkName(w.Name, "control")} // the runner has one of that name
	if w.Help == "" {
		errs = append(errs, errors.New("has no Help"))
	}
	if w.New == nil {
		errs = append(errs, errors.New("has no New"))
	}
	seen := map[string]bool{}
	for _, p := range w.Params {
		if seen[p.Name] {
			errs = append(errs, fmt.Errorf("two parameters are named %q: rename one", p.Name))
		}
		seen[p.Name] = true
		if err := p.validate(); err != nil {
			errs = append(errs, fmt.Errorf("parameter %q: %w", p.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (p Param) validate() error {
	errs := []error{checkName(p.Name, "workload", "mode", "workers")} // the other parts of a cell's name
	if p.Help == "" {
		errs = append(errs, errors.New("has no help"))
	}
	if p.Min < 0 {
		// -5 at the end of a name would be read as GOMAXPROCS=5.
		errs = append(errs, fmt.Errorf("least value %s is negative", p.format(p.Min)))
	}
	if p.Min > p.Max {
		errs = append(errs, fmt.Errorf("range %s holds no value", p.Range()))
	}
	canon, err := p.Parse(p.Default)
	if err == nil && canon != p.Default {
		err = fmt.Errorf("default %q is not in canonical form: want %q", p.Default, canon)
	}
	return errors.Join(append(errs, err)...)
}

// checkName wants a lower-case word: letters, then perhaps digits, so that
// names need no quoting in benchmark names, file names and command lines.
func checkName(name string, taken ...string) error {
	for i, r := range name {
		letter, digit := 'a' <= r && r <= 'z', '0' <= r && r <= '9'
		if !letter && (!digit || i == 0) {
			return errors.New("name is not a word of lower-case letters and digits")
		}
	}
	if name == "" {
		return errors.New("name is empty")
	}
	if slices.Contains(taken, name) {
		return errors.New("gvp uses the name itself: choose another")
	}
	return nil
}
