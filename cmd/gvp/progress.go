package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/gvp-bench/gvp/runner/campaign"
)

// A progress shows how far a run is. It is told between two hosts and never
// works while one measures.
type progress interface {
	event(campaign.Event)
	end()
}

// newProgress returns what shows progress on standard error: a bar on a
// terminal, plain lines elsewhere.
func (t *tool) newProgress(quiet bool) progress {
	faults := faultTalk{tool: t, seen: map[string]bool{}}
	switch {
	case quiet:
		return &noProgress{faults}
	case terminal(t.stderr):
		return newBarProgress(t.stderr, faults, time.Now)
	}
	return &lineProgress{faults: faults, now: time.Now}
}

// faultTalk says what could not be measured, once for each cell.
type faultTalk struct {
	tool *tool
	seen map[string]bool
}

// of says what failed in the event. before is called before it says anything.
func (f faultTalk) of(e campaign.Event, before func()) {
	if e.Failure == nil {
		return
	}
	name := e.Failure.Cell.Name()
	if f.seen[name] {
		return
	}
	f.seen[name] = true
	before()
	f.tool.say("%s failed: %s", name, shorten(oneLine(e.Failure.Err)))
}

// longest is how many letters of a failure are said. The log has them all.
const longest = 300

func shorten(s string) string {
	if letters := []rune(s); len(letters) > longest {
		return string(letters[:longest]) + " …"
	}
	return s
}

// noProgress shows none.
type noProgress struct{ faults faultTalk }

func (p *noProgress) event(e campaign.Event) { p.faults.of(e, func() {}) }
func (p *noProgress) end()                   {}

// lineInterval is the least time between two lines of one round.
const lineInterval = 10 * time.Second

// lineProgress writes a line when a phase or a round begins, and one now and
// then in between.
type lineProgress struct {
	faults faultTalk
	now    func() time.Time
	last   time.Time // of the last line
	where  string
}

func (p *lineProgress) event(e campaign.Event) {
	p.faults.of(e, func() {})
	where, now := stage(e), p.now()
	if where == p.where && now.Sub(p.last) < lineInterval {
		return
	}
	p.where, p.last = where, now
	p.faults.tool.say("%s, %d of %d done, %s left", where, e.Done, e.Total, about(e.Remaining))
}

func (p *lineProgress) end() {}

// stage names the part of the run that an event is from.
func stage(e campaign.Event) string {
	switch e.Phase {
	case campaign.Calibrate:
		return "calibrating"
	case campaign.Profile:
		return "profiling"
	}
	return fmt.Sprintf("round %d", max(1, e.Round))
}

// barSteps is the resolution of the bar.
const barSteps = 1000

// barProgress draws a bar over the time of the whole run.
type barProgress struct {
	bar    *progressbar.ProgressBar
	faults faultTalk
	now    func() time.Time
	begun  time.Time
}

func newBarProgress(w io.Writer, faults faultTalk, now func() time.Time) *barProgress {
	return &barProgress{
		bar: progressbar.NewOptions(barSteps,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetWidth(30),
			progressbar.OptionSetPredictTime(false), // the campaign knows better
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionClearOnFinish(),
		),
		faults: faults, now: now, begun: now(),
	}
}

func (p *barProgress) event(e campaign.Event) {
	p.faults.of(e, p.clear)
	// What cannot be drawn is not worth ending a run for.
	p.bar.Describe(fmt.Sprintf("%-11s %s left", stage(e), e.Remaining.Round(time.Second)))
	_ = p.bar.Set(p.steps(e.Remaining))
}

// steps returns how many steps of the bar are done.
func (p *barProgress) steps(remaining time.Duration) int {
	elapsed := p.now().Sub(p.begun)
	if elapsed <= 0 || remaining < 0 {
		return 0
	}
	// The last step is end's: it would finish the bar.
	return min(barSteps-1, int(barSteps*elapsed.Seconds()/(elapsed+remaining).Seconds()))
}

func (p *barProgress) clear() { _ = p.bar.Clear() }

func (p *barProgress) end() {
	p.clear()
	_ = p.bar.Exit()
}
