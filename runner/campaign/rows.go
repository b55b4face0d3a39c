package campaign

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/workloads"
)

// rowsOf returns a cell, still without mode and workers, for each workload and
// each combination of the values given for its parameters.
//
// Parameters that go together are one factor of the combinations: the row of
// their first values, that of their second, and so on.
func rowsOf(ws []results.CatalogWorkload, given map[string][]string, together []string) ([]results.Cell, error) {
	if err := checkNames(ws, given); err != nil {
		return nil, err
	}
	var all []results.Cell
	for _, w := range ws {
		rows := []results.Cell{{Workload: w.Name}}
		var first string // parameter of those that go together
		var chosen []string
		for _, p := range w.Params {
			values, err := valuesOf(w, p, given)
			if err != nil {
				return nil, err
			}
			switch tied := slices.Contains(together, w.Name+"."+p.Name); {
			case tied && first != "":
				if rows, err = pair(rows, p, values, first, chosen); err != nil {
					return nil, fmt.Errorf("workload %s: %w", w.Name, err)
				}
				continue
			case tied:
				first, chosen = p.Name, values
			}
			if n := len(rows) * len(values); n > maxCells {
				return nil, fmt.Errorf("workload %s in %d variants: want at most %d", w.Name, n, maxCells)
			}
			rows = multiply(rows, p, values)
		}
		all = append(all, rows...)
	}
	return all, nil
}

// pair returns each row with that value of a parameter which goes with the one
// that the row has of another, of which it has one of the chosen.
func pair(rows []results.Cell, p results.CatalogParam, values []string, other string, chosen []string) ([]results.Cell, error) {
	if len(values) != len(chosen) {
		return nil, fmt.Errorf("parameters %s and %s go together but have %d and %d values: give equally many", other, p.Name, len(chosen), len(values))
	}
	var paired []results.Cell
	for _, row := range rows {
		with := slices.IndexFunc(row.Params, func(o results.Param) bool { return o.Name == other })
		at := slices.Index(chosen, row.Params[with].Value)
		paired = append(paired, multiply([]results.Cell{row}, p, values[at:at+1])...)
	}
	return paired, nil
}

// multiply returns each row with each value of a parameter.
func multiply(rows []results.Cell, p results.CatalogParam, values []string) []results.Cell {
	var product []results.Cell
	for _, row := range rows {
		for _, v := range values {
			next := row
			next.Params = append(slices.Clone(row.Params),
				results.Param{Name: p.Name, Value: v, Unnamed: p.Kind == string(workloads.KindPath)})
			product = append(product, next)
		}
	}
	return product
}

// valuesOf returns the values of one parameter in canonical form, each once.
func valuesOf(w results.CatalogWorkload, p results.CatalogParam, given map[string][]string) ([]string, error) {
	texts, ok := given[w.Name+"."+p.Name]
	if !ok {
		texts, ok = given[p.Name]
	}
	if !ok {
		texts = []string{p.Default}
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("workload %s: parameter %s: no value given", w.Name, p.Name)
	}
	param := workloads.Param{Name: p.Name, Kind: workloads.Kind(p.Kind), Default: p.Default, Min: p.Min, Max: p.Max}
	var values []string
	for _, text := range texts {
		v, err := param.Parse(text)
		if err == nil && param.Kind == workloads.KindPath && v != p.Default {
			// A run may be resumed from another folder. What a default means
			// is the workload's business.
			v, err = filepath.Abs(v)
		}
		if err != nil {
			return nil, fmt.Errorf("workload %s: %w", w.Name, err)
		}
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	if param.Kind == workloads.KindPath && len(values) > 1 {
		return nil, fmt.Errorf("workload %s: parameter %s: %d folders given: a run has one, since folders have no place in benchmark names: make a run for each", w.Name, p.Name, len(values))
	}
	return values, nil
}

// checkNames refuses parameters that none of the workloads has.
func checkNames(ws []results.CatalogWorkload, given map[string][]string) error {
	var known []string
	for _, w := range ws {
		for _, p := range w.Params {
			known = append(known, p.Name, w.Name+"."+p.Name)
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if slices.Contains(known, name) {
			continue
		}
		if !strings.Contains(name, ".") { // the short names are enough then
			known = slices.DeleteFunc(known, func(k string) bool { return strings.Contains(k, ".") })
		}
		return UnknownName("parameter", name, known)
	}
	return nil
}

// config returns the configuration lines of a run's samples.
func config(run *results.Run) [][2]string {
	lines := append(run.Machine.Config(), run.Bench.Config(run.Machine.Arch)...)
	lines = append(lines, folders(run.Cells)...)
	if run.Chunk > 0 {
		lines = append(lines, [2]string{results.ChunkKey, strconv.FormatUint(run.Chunk, 10)})
	}
	return lines
}

// folders returns a configuration line for each parameter that is a folder.
func folders(cells []results.RunCell) [][2]string {
	var lines [][2]string
	for _, c := range cells {
		for _, p := range c.Params {
			if line := [2]string{c.Workload + "-" + p.Name, p.Value}; p.Unnamed && !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	return lines
}
