package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// runsFolder is where runs are, unless --out said otherwise.
const runsFolder = "results/runs"

// checkResume returns an error, with the runs that could be meant, if there is
// no folder of that name.
func checkResume(folder string) error {
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	entries, err := os.ReadDir(runsFolder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot look for runs: %w", err)
	}
	var unfinished []string
	for _, e := range entries {
		run, err := results.ReadRun(filepath.Join(runsFolder, e.Name()))
		if err == nil && !run.Finished {
			unfinished = append(unfinished, filepath.Join(runsFolder, e.Name()))
		}
	}
	if len(unfinished) == 0 {
		return usagef("there is no folder %s, and no run to complete in %s", folder, runsFolder)
	}
	const most = 3 // of the newest
	text := strings.Join(unfinished[max(0, len(unfinished)-most):], ", ")
	return usagef("there is no folder %s: runs to complete are %s", folder, text)
}

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
