package main

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/check"
)

// checkProgress shows how far a check is: a bar for each phase on a terminal, a line
// now and then elsewhere.
type checkProgress struct {
	tool  *tool
	quiet bool
	bar   *progressbar.ProgressBar // nil if there is none
	where string                   // the last line
	phase check.Phase              // and what it was about
	last  time.Time
	told  map[string]bool // failures that were said
}

func (t *tool) newCheckProgress(quiet bool) *checkProgress {
	c := &checkProgress{tool: t, quiet: quiet, told: make(map[string]bool)}
	if !quiet && terminal(t.stderr) {
		c.bar = progressbar.NewOptions(barSteps,
			progressbar.OptionSetWriter(t.stderr),
			progressbar.OptionSetWidth(30),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionClearOnFinish(),
		)
	}
	return c
}

func (c *checkProgress) event(e check.Event) {
	if e.Note != "" { // and nothing has begun
		c.say("%s", e.Note)
		return
	}
	if f := e.Failure; f != nil && !c.told[f.Benchmark+f.Side] {
		c.told[f.Benchmark+f.Side] = true
		c.say("%s failed on %s: %s", results.Printable(f.Benchmark), f.Side, shorten(oneLine(f.Error)))
	}
	if c.quiet || e.What == "" { // a note alone
		return
	}
	where := c.stage(e)
	if c.bar != nil {
		// What cannot be drawn is not worth ending a check for.
		c.bar.Describe(where)
		_ = c.bar.Set(min(barSteps-1, barSteps*e.Done/max(1, e.Total)))
		return
	}
	now := time.Now()
	// What is built is worth a line each; of the rest there is more than that.
	if named := e.Phase == check.Prepare || e.Phase == check.Build; named && where != c.where || e.Phase != c.phase || now.Sub(c.last) >= lineInterval {
		c.where, c.phase, c.last = where, e.Phase, now
		c.tool.say("%s", where)
	}
}

// stage says where in the check an event is.
func (c *checkProgress) stage(e check.Event) string {
	switch e.Phase {
	case check.Prepare, check.Build:
		return fmt.Sprintf("%s %s: %s", verbs[e.Phase], e.Side, results.Printable(e.What))
	case check.Profile:
		return fmt.Sprintf("profiling %s, %d of %d", results.Printable(e.What), min(e.Done+1, e.Total), e.Total)
	case check.Measure:
		return fmt.Sprintf("round %d of at most %d, %s left if all are needed", e.Round, e.Rounds, about(e.Remaining))
	}
	return fmt.Sprintf("%s %d of %d", verbs[e.Phase], min(e.Done+1, max(1, e.Total)), max(1, e.Total))
}

var verbs = map[check.Phase]string{
	check.Prepare: "preparing", check.Build: "building", check.Discover: "looking for benchmarks",
	check.Calibrate: "calibrating",
}

// say says a line beside the bar, whose errors are as in event.
func (c *checkProgress) say(format string, args ...any) {
	if c.bar != nil {
		_ = c.bar.Clear()
	}
	c.tool.say(format, args...)
}

// end takes the bar away; its errors are as in event. It may be called more than
// once.
func (c *checkProgress) end() {
	if c.bar != nil {
		_ = c.bar.Clear()
		_ = c.bar.Exit()
		c.bar = nil
	}
}
