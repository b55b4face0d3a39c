package runner

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

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
	const units = 30
	want := measure(t, cell("number", "serial", 1), units, Clock{}).Digest
	chunks := []uint64{7, units, 5 * units}
	if testing.Short() {
		chunks = chunks[:1]
	}
	for _, m := range modes() {
		mode, workers := m.describe().Name, workersIn(m, 3)
		for _, chunk := range chunks {
			s, err := underTest.Measure(t.Context(), results.Spec{Cell: cell("number", mode, workers), Units: units, Chunk: chunk}, Clock{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Digest.Check(want); err != nil || s.Digest.Units != units {
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

// The wall time is that between the two hooks around the measured part, and no
// shorter than what the units slept one after another.
func TestFairnessWallTimeIsThatOfTheClock(t *testing.T) {
	const units = 12
	forEachCrew(t, func(t *testing.T, mode string, workers int) {
		var start, stop time.Time
		s := measure(t, cell("doze", mode, workers), units, Clock{
			Start: func() { start = time.Now() },
			Stop:  func() { stop = time.Now() },
		})
		v, ok := metric(s, results.SecPerOp)
		wall, most := v*units, stop.Sub(start).Seconds()
		turns := (units + workers - 1) / workers
		if least := float64(turns) * dozeTime.Seconds(); !ok || wall < less(least) || less(wall) > most {
			t.Errorf("%v s in all, want from %v, which the units slept, to %v, which the clock ran", wall, least, most)
		}
	})
}

// Start-up is what the workers took to be set up, in all or, in spawn, where
// each unit sets up its own, something: before the clock starts.
func TestFairnessStartupIsAMetricOfItsOwn(t *testing.T) {
	forEachCrew(t, func(t *testing.T, mode string, workers int) {
		var start time.Time
		begin := time.Now()
		s := measure(t, cell("doze", mode, workers), 6, Clock{Start: func() { start = time.Now() }})
		least := dozeTime.Seconds()
		if mode == "spawn" {
			least = math.SmallestNonzeroFloat64
		}
		most := start.Sub(begin).Seconds()
		if v, ok := metric(s, results.StartupSec); !ok || v < less(least) || less(v) > most {
			t.Errorf("%v startup-sec, want from %v, which setting up a worker takes, to %v, which passed before the clock started", v, least, most)
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

// In spawn the end of a process is on the clock: none reads its heap there.
func TestFairnessReadingTheHeapIsOffTheClock(t *testing.T) {
	job, err := underTest.job("number", nil)
	if err != nil {
		t.Fatal(err)
	}
	const workers, warm = 2, 3
	started, err := spawn{}.start(t.Context(), task{runner: underTest, job: job, cell: cell("number", "spawn", workers), cpus: workers})
	if err != nil {
		t.Fatal(err)
	}
	c := started.(*spawnCrew)
	_, err = c.do(t.Context(), 10, 0) // what was done before the warm-up does not count
	if err == nil {
		err = c.warm(t.Context(), warm)
	}
	if err == nil {
		_, err = c.do(t.Context(), 10, 0)
	}
	if err := errors.Join(err, c.close()); err != nil {
		t.Fatal(err)
	}
	done, metered := 0.0, 0.0
	for _, s := range c.spawners {
		done, metered = done+s.done, metered+s.metered
	}
	if done != 10 || metered != workers*warm {
		t.Errorf("%v units count, and %v processes read their heap, want 10 and the %d of the warm-up", done, metered, workers*warm)
	}
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

// The host's own CPU time and memory are part of the mode's: in the process
// modes the host is the dispatcher.
func TestFairnessTheDispatcherIsCharged(t *testing.T) {
	const (
		seconds = 20e-3
		garbage = 8 << 20
		units   = 6
	)
	meter := newMeter()
	forEachCrew(t, func(t *testing.T, mode string, workers int) {
		var spent usage // between two readings, both between those of the sample
		busy := func() {
			before, err := meter.usage()
			if err != nil {
				t.Fatal(err)
			}
			sink = make([]byte, garbage)
			for spent.User+spent.Sys < seconds || spent.Bytes < garbage {
				now, err := meter.usage()
				if err != nil {
					t.Fatal(err)
				}
				spent = now.minus(before)
			}
		}
		s := measure(t, cell("number", mode, workers), units, Clock{Start: busy})
		user, _ := metric(s, results.UserPerOp)
		sys, _ := metric(s, results.SysPerOp)
		if got, want := (user+sys)*units, spent.User+spent.Sys; got < less(want) {
			t.Errorf("%v CPU seconds are charged, of which the host alone used %v", got, want)
		}
		if got, _ := metric(s, results.AllocBytesOp); got*units < less(spent.Bytes) {
			t.Errorf("%v bytes are charged, of which the host alone allocated %v", got*units, spent.Bytes)
		}
	})
}

// sink keeps what is written to it from being optimised away.
var sink []byte

// less allows for the rounding of metrics.
func less(v float64) float64 { return v * (1 - 1e-6) }

// A unit is not over before its process has used so much; so the sample has
// used at least that for each unit that one process does after another.
func TestFairnessEveryCountOfTheSystemIsCharged(t *testing.T) {
	contend(t)
	const units = 4
	for what, g := range growths() {
		t.Run(what, func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, mode string, workers int) {
				s := measure(t, cell("grow", mode, workers, "what="+what), units, Clock{})
				turns := math.Ceil(units / float64(workers))
				if v, ok := metric(s, g.unit); !ok || v*units < less(g.least*turns) {
					t.Errorf("%v %s, %v for %d units, want at least %v", v, g.unit, v*units, units, g.least*turns)
				}
			})
		})
	}
}

// Memory is that of all processes, and what the host holds itself is counted
// once: children do not inherit its high-water mark. Each host is a process of
// its own, as what one mode needs stays in the high-water mark for the next.
func TestFairnessMemoryOfEveryProcessIsCounted(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector's own memory would be counted")
	}
	const held = 4 * ballastSize
	t.Setenv(hostHolds, strconv.Itoa(held))
	for _, m := range modes() {
		mode, workers := m.describe().Name, workersIn(m, 3)
		v := peakOf(t, cell("ballast", mode, workers))
		least := float64(workers*ballastSize + held)
		if v < least {
			t.Errorf("%s: peak %.0f B, want at least %.0f", mode, v, least)
		}
		if most := least + 2*held; v > most {
			t.Errorf("%s: peak %.0f B, want at most %.0f: is the host's own memory counted per worker?", mode, v, most)
		}
	}
}

// peakOf returns the peak memory of a sample in a fresh host, in bytes.
func peakOf(t *testing.T, c results.Cell) float64 {
	t.Helper()
	r, err := ask(t, request(t, results.Spec{Protocol: results.ProtocolVersion, Cell: c, Units: 3}))
	if err != nil || r.Sample == nil {
		t.Fatalf("%s: %v, %s", c.Name(), err, r.Error)
	}
	v, ok := metric(r.Sample, peakUnit)
	if !ok {
		t.Fatalf("%s: no peak", c.Name())
	}
	return v
}

// workersIn returns n, or 1 for a mode that has but one worker.
func workersIn(m mode, n int) int {
	if m.describe().Single {
		return 1
	}
	return n
}

func TestFairnessGOMAXPROCSIsPinnedAndRecorded(t *testing.T) {
	cpus := runtime.NumCPU()
	// For each mode, with one worker and with five: GOMAXPROCS in the host and
	// in each of its processes.
	want := map[string]map[int][2][]int{
		"serial":      {1: {{1}, nil}},
		"goroutine":   {1: {{1}, nil}, 5: {{min(5, cpus)}, nil}},
		"gomaxprocs1": {1: {{1}, nil}, 5: {{1}, nil}},
		"thread":      {1: {{1}, nil}, 5: {{min(5, cpus)}, nil}},
		"process":     {1: {{1}, {1}}, 5: {{1}, {1, 1, 1, 1, 1}}},
		"spawn":       {1: {{1}, {1}}, 5: {{min(5, cpus)}, {1, 1, 1, 1, 1}}},
		"hybrid":      {1: {{1}, {1}}, 5: {{1}, {min(3, cpus), min(2, cpus)}}},
	}
	for _, m := range modes() {
		mode := m.describe().Name
		if len(want[mode]) == 0 {
			t.Errorf("%s: the test does not know its GOMAXPROCS", mode)
		}
		for workers, pinned := range want[mode] {
			checkGOMAXPROCS(t, mode, workers, pinned[0][0], pinned[1])
		}
	}
}

func checkGOMAXPROCS(t *testing.T, mode string, workers, host int, others []int) {
	t.Helper()
	path := diaryFile(t)
	before := runtime.GOMAXPROCS(0)
	s := measure(t, cell("diary", mode, workers, "file="+path), 6, Clock{})
	if after := runtime.GOMAXPROCS(0); after != before {
		t.Errorf("%s left GOMAXPROCS at %d, it was %d", mode, after, before)
	}
	want := []results.Process{{Role: "host", GOMAXPROCS: host}}
	for _, n := range others {
		want = append(want, results.Process{Role: "worker", GOMAXPROCS: n})
	}
	if !slices.Equal(s.Processes, want) {
		t.Errorf("%s with %d workers: recorded %v, want %v", mode, workers, s.Processes, want)
	}
	// What the processes say of themselves.
	if len(others) == 0 {
		others = []int{host}
	}
	lines := readLines(t, path)
	known := 0
	for _, n := range slices.Compact(slices.Sorted(slices.Values(others))) {
		some := count(lines, fmt.Sprintf("gomaxprocs=%d", n))
		if some == 0 {
			t.Errorf("%s with %d workers: none ran with GOMAXPROCS=%d", mode, workers, n)
		}
		known += some
	}
	if all := count(lines, "gomaxprocs="); all != known {
		t.Errorf("%s with %d workers: %d of %d ran with another GOMAXPROCS than %v", mode, workers, all-known, all, others)
	}
}

// On machines with more CPUs than this one, too.
func TestFairnessGOMAXPROCSIsNeverMoreThanWorkersOrCPUs(t *testing.T) {
	for _, m := range modes() {
		alone := m.gomaxprocs(64, 64) == 1 // of the host, which leaves the work to others or to one CPU
		for _, workers := range []int{1, 2, 8, 64} {
			for _, cpus := range []int{1, 2, 8, 64} {
				want := min(workers, cpus)
				if alone {
					want = 1
				}
				if got := m.gomaxprocs(workers, cpus); got != want {
					t.Errorf("%s with %d workers on %d CPUs: GOMAXPROCS=%d, want %d", m.describe().Name, workers, cpus, got, want)
				}
			}
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

// Workers in one process do not write to each other's cache lines, which would
// make small units take twice as long in goroutines and threads, and not in
// processes.
func TestFairnessWorkersShareNoCacheLines(t *testing.T) {
	job, err := underTest.job("number", nil)
	if err != nil {
		t.Fatal(err)
	}
	crew, err := newTeam(task{runner: underTest, job: job, cell: cell("number", "goroutine", 8)}, 0, 8, false)
	if err != nil {
		t.Fatal(err)
	}
	defer crew.close()
	const line = 64 // and that of its neighbour, which processors fetch as well, may be shared
	writer := make(map[uintptr]int)
	for i, m := range crew.members {
		for _, p := range []*uint64{&m.fold.Units, &m.fold.Sums[0]} {
			at := uintptr(unsafe.Pointer(p)) / line
			if other, ok := writer[at]; ok && other != i {
				t.Errorf("workers %d and %d write to the same line", other, i)
			}
			writer[at] = i
		}
	}
}
