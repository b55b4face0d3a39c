package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/campaign"
)

// A clock is a time that a test sets.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func faultsTo(w *bytes.Buffer) faultTalk {
	return faultTalk{tool: &tool{stderr: w}, seen: map[string]bool{}}
}

func TestLinesComeWithStagesAndNowAndThen(t *testing.T) {
	var out bytes.Buffer
	c := &clock{t: time.Unix(1000, 0)}
	p := &lineProgress{faults: faultsTo(&out), now: c.now}
	hash := results.Cell{Workload: "hash", Mode: "process", Workers: 2}
	failure := &campaign.Failure{Phase: campaign.Measure, Round: 1, Cell: hash, Err: "it\nbroke"}
	for _, e := range []campaign.Event{
		{Phase: campaign.Calibrate, Total: 2, Remaining: 40 * time.Second},
		{Phase: campaign.Calibrate, Done: 2, Total: 2, Remaining: 39 * time.Second, Cell: &hash},
		{Phase: campaign.Measure, Total: 80, Remaining: 39 * time.Second},
		{Phase: campaign.Measure, Done: 1, Total: 80, Round: 1, Remaining: 38 * time.Second, Cell: &hash, Failure: failure},
		{Phase: campaign.Measure, Done: 2, Total: 80, Round: 1, Remaining: 38 * time.Second, Cell: &hash, Failure: failure},
		{Phase: campaign.Measure, Done: 25, Total: 80, Round: 1, Remaining: 27 * time.Second, Cell: &hash},
		{Phase: campaign.Measure, Done: 41, Total: 80, Round: 2, Remaining: 20 * time.Second, Cell: &hash},
		{Phase: campaign.Profile, Total: 1, Remaining: time.Second / 2},
	} {
		p.event(e)
		if e.Done == 2 {
			c.t = c.t.Add(11 * time.Second)
		}
	}
	p.end()
	want := `gvp: calibrating, 0 of 2 done, about 40 s left
gvp: round 1, 0 of 80 done, about 39 s left
gvp: Workload/workload=hash/mode=process/workers=2 failed: it; broke
gvp: round 1, 25 of 80 done, about 27 s left
gvp: round 2, 41 of 80 done, about 20 s left
gvp: profiling, 0 of 1 done, less than a second left
`
	if out.String() != want {
		t.Errorf("got:\n%swant:\n%s", &out, want)
	}
}

func TestBarGrowsWithTimeAndLeavesNothing(t *testing.T) {
	var out bytes.Buffer
	c := &clock{t: time.Unix(1000, 0)}
	p := newBarProgress(&out, faultsTo(&out), c.now)
	last := 0
	for left := 60; left >= 0; left -= 20 {
		steps := p.steps(time.Duration(left) * time.Second)
		if steps < last || steps >= barSteps {
			t.Errorf("%d s left: %d steps after %d, want more but fewer than %d", left, steps, last, barSteps)
		}
		last = steps
		p.event(campaign.Event{Phase: campaign.Measure, Round: 3, Remaining: time.Duration(left) * time.Second})
		c.t = c.t.Add(20 * time.Second)
	}
	if steps := p.steps(0); steps != barSteps-1 {
		t.Errorf("at the end %d steps, want %d", steps, barSteps-1)
	}
	if !strings.Contains(out.String(), "40s left") || !strings.Contains(out.String(), "round 3") {
		t.Errorf("the bar does not say where it is:\n%q", &out)
	}
	p.end()
	if last := out.String()[strings.LastIndex(strings.TrimRight(out.String(), "\r"), "\r")+1:]; strings.TrimSpace(last) != "" {
		t.Errorf("the bar leaves %q on the line", last)
	}
	if strings.Contains(out.String(), "\n") {
		t.Error("the bar takes more than one line")
	}
}

func TestQuietSaysOnlyWhatFailed(t *testing.T) {
	var out bytes.Buffer
	p := (&tool{stderr: &out}).newProgress(true)
	cell := results.Cell{Workload: "hash", Mode: "process", Workers: 2}
	p.event(campaign.Event{Phase: campaign.Measure, Round: 1})
	if out.Len() > 0 {
		t.Errorf("it says %q", &out)
	}
	p.event(campaign.Event{Phase: campaign.Measure, Round: 1, Cell: &cell, Failure: &campaign.Failure{Cell: cell, Err: strings.Repeat("long ", 200)}})
	if n := out.Len(); n == 0 || n > longest+200 {
		t.Errorf("it says %d bytes", n)
	}
}

func TestAboutIsNoMoreExactThanAForecast(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                        "less than a second",
		29600 * time.Millisecond: "about 30 s",
		100 * time.Second:        "about 2 min",
		31 * time.Minute:         "about 31 min",
		150 * time.Minute:        "about 2.5 h",
	} {
		if got := about(d); got != want {
			t.Errorf("about(%v) = %q, want %q", d, got, want)
		}
	}
}
