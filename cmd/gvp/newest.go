package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// runsFolder is where runs are, unless --out said otherwise.
const runsFolder = "results/runs"

// newestRun returns the folder of the run in dir that was started last.
func newestRun(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("cannot look for runs: %w", err)
	}
	var newest string
	var started time.Time
	for _, e := range entries {
		folder := filepath.Join(dir, e.Name())
		// A folder that is no run's, or whose run file is damaged, is not what
		// is meant by the newest run: named outright, it gets its error.
		run, err := results.ReadRun(folder)
		// Of runs of the same second, the last name is the newest.
		if err == nil && !run.Started.Before(started) {
			newest, started = folder, run.Started
		}
	}
	if newest == "" {
		return "", usagef("no run in %s: measure one with `gvp run`, or name the files or folders to report on", dir)
	}
	return newest, nil
}
