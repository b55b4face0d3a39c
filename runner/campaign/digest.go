package campaign

import (
	"fmt"

	"github.com/gvp-bench/gvp/results"
)

// digests are what the cells of each row have computed so far: the first fold
// of each length, since two folds can only be compared as far as the shorter
// one goes. What only the longest one did is compared between its own rounds.
type digests map[string][]reference // by row

type reference struct {
	cell results.Cell
	fold results.Fold
}

// check compares what a cell computed with all that its row has so far, and
// remembers it if they agree. Its error names both sides: which one is wrong
// only serial, where it is one of them, can say.
func (d digests) check(c results.Cell, fold results.Fold, base string) error {
	row := c.Row()
	known := false
	for _, ref := range d[row] {
		if err := fold.Check(ref.fold); err != nil {
			err = fmt.Errorf("%w: %s with %d units and %s with %d units did not do the same work",
				err, c.Name(), fold.Units, ref.cell.Name(), ref.fold.Units)
			switch {
			case ref.cell.Mode == c.Mode && ref.cell.Workers == c.Workers:
				err = fmt.Errorf("%w: the workload is not deterministic", err)
			case ref.cell.Mode == base:
				err = fmt.Errorf("%w: %s is the reference", err, base)
			}
			return err
		}
		known = known || ref.fold.Units == fold.Units
	}
	if !known {
		d[row] = append(d[row], reference{c, fold})
	}
	return nil
}
