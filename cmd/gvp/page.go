package main

import (
	"fmt"

	"github.com/gvp-bench/gvp/report"
)

// writePage writes the page and says where it is. Results that are not of one
// run get one only where --out says, and so do those that a program is to read.
func (t *tool) writePage(f *reportFlags, r *report.Report) error {
	dir := f.out
	if dir == "" && f.format == "text" {
		dir = r.Folder()
	}
	if f.noPage || dir == "" {
		return nil
	}
	page, err := r.WritePage(dir, nil)
	if err != nil {
		return err
	}
	if f.format != "text" { // the path would be no part of the format
		t.say("the page is %s", page)
		return nil
	}
	if _, err := fmt.Fprintln(t.stdout, page); err != nil {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	return nil
}
