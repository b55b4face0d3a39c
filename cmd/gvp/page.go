package main

import (
	"fmt"

	"github.com/gvp-bench/gvp/report"
)

// writePage writes the page and says where it is. Results that are not of one
// run get one only where --out says.
func (t *tool) writePage(f *reportFlags, r *report.Report) error {
	dir := f.out
	if dir == "" {
		dir = r.Folder()
	}
	if f.noPage || dir == "" {
		return nil
	}
	page, err := r.WritePage(dir, nil)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(t.stdout, page); err != nil {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	return nil
}
