package runner

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/results"
)

// The rules of fairness that the host keeps; those of the campaign are tested
// there.

func TestFairnessSameUnitsInEveryMode(t *testing.T) {
	const units = 37 // no multiple of any number of workers
	want := measure(t, cell("number", "serial", 1), units, Clock{}).Digest
	forEachCrew(t, func(t *testing.T, mode string, workers int) {
		got := measure(t, cell("number", mode, workers), units, Clock{})
		if err := got.Digest.Check(want); err != nil {
			t.Errorf("%v: %+v, want that of serial, %+v", err, got.Digest, want)
		}
		if got.Units != units {
			t.Errorf("%d units, want %d", got.Units, units)
		}
	})
}

func TestFairnessChunksDoNotChangeTheWork(t *testing.T) {
	want := measure(t, cell("number", "serial", 1), 1000, Clock{}).Digest
	for _, mode := range []string{"goroutine", "process", "hybrid"} {
		for _, chunk := range []uint64{1, 7, 1000, 5000} {
			s, err := underTest.Measure(t.Context(), results.Spec{Cell: cell("number", mode, 3), Units: 1000, Chunk: chunk}, Clock{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Digest.Check(want); err != nil || s.Digest.Units != 1000 {
				t.Errorf("%s with chunks of %d: %v, %d units", mode, chunk, err, s.Digest.Units)
			}
		}
	}
}

// The clock covers the same thing in every mode: workers are set up and warm
// before it starts, and closed after it stops. Only in spawn is set-up the
// unit's cost.
func TestFairnessClockCoversTheUnitsAlone(t *testing.T) {
	forEachCrew(t, func(t *testing.T, mode string, workers int) {
		const units = 20
		path := diaryFile(t)
		clock := Clock{
			Start: func() { _ = note(path, "start") },
			Stop:  func() { _ = note(path, "stop") },
		}
		measure(t, cell("diary", mode, workers, "file="+path), units, clock)

		lines := readLines(t, path)
		start, stop := slices.Index(lines, "start"), slices.Index(lines, "stop")
		if start < 0 || stop < start {
			t.Fatalf("no measured part in\n%s", strings.Join(lines, "\n"))
		}
		before, during, after := lines[:start], lines[start+1:stop], lines[stop+1:]
		if n := count(during, "unit "); n != units {
			t.Errorf("%d units on the clock, want %d", n, units)
		}
		for w := range workers {
			if count(before, fmt.Sprintf("by %d", w)) == 0 {
				t.Errorf("worker %d was not warm when the clock started", w)
			}
		}
		if mode == "spawn" {
			if n := count(during, "setup "); n != units {
				t.Errorf("%d processes set up on the clock, want one for each of %d units", n, units)
			}
			return
		}
		if n := count(before, "setup "); n != workers {
			t.Errorf("%d workers set up before the clock, want %d", n, workers)
		}
		if n := count(during, "setup ") + count(during, "close "); n != 0 {
			t.Errorf("%d workers set up or closed on the clock", n)
		}
		if n := count(after, "close "); n != workers {
			t.Errorf("%d workers closed after the clock, want %d", n, workers)
		}
	})
}

func count(lines []string, part string) (n int) {
	for _, l := range lines {
		if strings.Contains(l, part) {
			n++
		}
	}
	return n
}

// Everything is charged, in whichever process it happens.
func TestFairnessAllocationsOfEveryProcessAreCharged(t *testing.T) {
	forEachCrew(t, func(t *testing.T, mode string, workers int) {
		s := measure(t, cell("garbage", mode, workers), 40, Clock{})
		if v, ok := metric(s, results.AllocsPerOp); !ok || v < 1 {
			t.Errorf("%v allocs/op, want at least the unit's own 1", v)
		}
		if v, ok := metric(s, results.AllocBytesOp); !ok || v < garbageSize {
			t.Errorf("%v B/op, want at least the unit's own %d", v, garbageSize)
		}
	})
}

// The same work takes the same CPU time wherever it is done: a mode whose
// workers' time were left out would seem to take none. Half is left to the
// difference between cold and warm caches and clocks.
func TestFairnessCPUTimeOfEveryProcessIsCharged(t *testing.T) {
	const units = 60
	cpu := func(mode string, workers int) float64 {
		s := measure(t, cell("burn", mode, workers), units, Clock{})
		user, ok1 := metric(s, results.UserPerOp)
		sys, ok2 := metric(s, results.SysPerOp)
		if !ok1 || !ok2 {
			t.Fatalf("%s: no CPU time", mode)
		}
		return user + sys
	}
	want := cpu("serial", 1)
	forEachCrew(t, func(t *testing.T, mode string, workers int) {
		if got := cpu(mode, workers); got < want/2 {
			t.Errorf("%v CPU seconds a unit, where serial takes %v", got, want)
		}
	})
}

// Memory is that of all processes, and what the host holds itself is counted
// once: children do not inherit its high-water mark.
func TestFairnessMemoryOfEveryProcessIsCounted(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector's own memory would be counted")
	}
	held := bytes.Repeat([]byte{1}, 4*ballastSize)
	defer runtime.KeepAlive(held)
	for _, mode := range []string{"serial", "goroutine", "thread", "process", "hybrid", "spawn"} {
		workers := 3
		if mode == "serial" {
			workers = 1
		}
		s := measure(t, cell("ballast", mode, workers), 6, Clock{})
		v, ok := metric(s, peakUnit)
		least := float64(workers*ballastSize + len(held))
		if !ok || v < least {
			t.Errorf("%s: peak %.0f B, want at least %.0f", mode, v, least)
		}
		if most := least + float64(2*len(held)); v > most {
			t.Errorf("%s: peak %.0f B, want at most %.0f: is the host's own memory counted per worker?", mode, v, most)
		}
	}
}

func TestFairnessGOMAXPROCSIsPinnedAndRecorded(t *testing.T) {
	cpus := runtime.NumCPU()
	for _, tc := range []struct {
		mode    string
		workers int
		host    int
		others  []int
	}{
		{"serial", 1, 1, nil},
		{"goroutine", 3, min(3, cpus), nil},
		{"gomaxprocs1", 3, 1, nil},
		{"thread", 3, min(3, cpus), nil},
		{"process", 3, 1, []int{1, 1, 1}},
		{"spawn", 2, min(2, cpus), []int{1, 1}},
		{"hybrid", 5, 1, []int{min(3, cpus), min(2, cpus)}},
	} {
		path := diaryFile(t)
		before := runtime.GOMAXPROCS(0)
		s := measure(t, cell("diary", tc.mode, tc.workers, "file="+path), 6, Clock{})
		if after := runtime.GOMAXPROCS(0); after != before {
			t.Errorf("%s left GOMAXPROCS at %d, it was %d", tc.mode, after, before)
		}
		want := []results.Process{{Role: "host", GOMAXPROCS: tc.host}}
		for _, n := range tc.others {
			want = append(want, results.Process{Role: "worker", GOMAXPROCS: n})
		}
		if !slices.Equal(s.Processes, want) {
			t.Errorf("%s: recorded %v, want %v", tc.mode, s.Processes, want)
		}
		// What the processes say of themselves.
		real := tc.host
		if len(tc.others) > 0 {
			real = tc.others[0]
		}
		if count(readLines(t, path), fmt.Sprintf("gomaxprocs=%d", real)) == 0 {
			t.Errorf("%s: no worker ran with GOMAXPROCS=%d", tc.mode, real)
		}
	}
}

func TestFairnessWhatWasNotMeasuredIsAbsent(t *testing.T) {
	s := measure(t, cell("number", "serial", 1), 99, Clock{})
	if _, ok := metric(s, results.P99Sec); ok {
		t.Error("99 units have a 99th percentile")
	}
	if _, ok := metric(s, results.BytesPerSec); ok {
		t.Error("work that is not about bytes has B/s")
	}
	s = measure(t, cell("number", "serial", 1), 100, Clock{})
	if _, ok := metric(s, results.P99Sec); !ok {
		t.Error("100 units have no 99th percentile")
	}
	if _, ok := metric(s, results.P999Sec); ok {
		t.Error("100 units have a 99.9th percentile")
	}
}
