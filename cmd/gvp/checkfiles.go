package main

import (
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/results/checks"
)

// isResults reports whether a side is a file of benchmark output: one that no
// system takes for a program.
func isResults(name string) bool {
	info, err := os.Stat(name)
	if name == "" || err != nil || !info.Mode().IsRegular() {
		return false
	}
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	var head [4]byte
	n, _ := file.Read(head[:]) // of an empty file, reading it as results says what is wrong
	return !slices.ContainsFunc([]string{"\x7fELF", "MZ", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe", "#!"}, func(magic string) bool {
		return strings.HasPrefix(string(head[:n]), magic)
	})
}

// compareFiles compares two files of results as they stand.
func (t *tool) compareFiles(f *checkFlags) (*gate.Outcome, error) {
	files, err := checks.ReadFiles(f.base, f.head)
	if err != nil {
		return nil, err
	}
	for _, w := range files.Warnings {
		t.say("%s", w)
	}
	var differ []string
	for _, d := range files.Differences {
		if !d.Names() {
			differ = append(differ, d.String())
		}
	}
	if len(differ) > 0 {
		return nil, usagef("the files are not of one machine with one setting: %s: measure both sides where nothing else differs", strings.Join(differ, "; "))
	}
	t.say("the files were measured one after the other, if nobody took care: what the machine did meanwhile counts as a difference")
	if left := files.Leftover(); left != "" {
		t.say("not compared, as the other file has no counterpart: %s", left)
	}
	g := newGatekeeper(f)
	g.final = true
	c := &checks.Check{
		Format: checks.Format, Began: time.Now().UTC(), Finished: true, Missing: files.Missing,
		Base: checks.Side{What: f.base}, Head: checks.Side{What: f.head},
	}
	return g.judgeSeries(c, files.Series, nil)
}
