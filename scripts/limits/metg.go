package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// metgFigures adds the smallest granularity of tasks with which goroutines and
// processes do half of their best, as gvp measures and reports it: with the
// chunks that it hands out by default, and with tasks handed out one by one.
func (f figures) metgFigures(ctx context.Context, gvp string) error {
	dir, err := os.MkdirTemp("", "limits-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, by := range []struct {
		name string
		args []string
	}{{"METG(50 %)", nil}, {"METG(50 %) one by one", []string{"--chunk", "1"}}} {
		args := append([]string{"granularity", "--quiet", "--mode", "goroutine,process", "--out", filepath.Join(dir, by.name)}, by.args...)
		if err := gvpRun(ctx, nil, gvp, args...); err != nil {
			return err
		}
		runs, err := filepath.Glob(filepath.Join(dir, by.name, "*"))
		if err != nil {
			return err
		}
		if len(runs) != 1 {
			return fmt.Errorf("gvp granularity has left %d runs, want one", len(runs))
		}
		var report granularity
		if err := gvpRun(ctx, &report, gvp, "report", "--format", "json", runs[0]); err != nil {
			return err
		}
		f.addMETG(by.name, report)
	}
	f["2 µs"] = append(f["2 µs"], 2000)
	return nil
}

// granularity is what is read of a report by gvp.
type granularity struct {
	Granularity []struct {
		Modes []struct {
			Mode  string  `json:"mode"`
			METG  float64 `json:"metg_sec"`  // absent if it is beyond what was measured
			Above float64 `json:"above_sec"` // then, if no task is large enough, what it is above
		} `json:"modes"`
	} `json:"granularity"`
}

// addMETG adds what a report says. A mode that comes to half of its best with no
// task has missed any aim: it counts with the largest.
func (f figures) addMETG(what string, r granularity) {
	for _, g := range r.Granularity {
		for _, m := range g.Modes {
			if sec := max(m.METG, m.Above); sec > 0 {
				name := what + ", " + m.Mode
				f[name] = append(f[name], sec*1e9)
			}
		}
	}
}

// gvpRun runs gvp and decodes what it writes into v, if there is one.
func gvpRun(ctx context.Context, v any, gvp string, args ...string) error {
	cmd := exec.CommandContext(ctx, gvp, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("gvp %s: %w", args[0], err)
	}
	if v == nil {
		return nil
	}
	return json.Unmarshal(out, v)
}
