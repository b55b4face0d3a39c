package multiproc

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A census is what a process holds of the system.
type census struct {
	children    int // processes, zombies included
	descriptors int
	goroutines  int
	hub         int // shared objects
	temporary   int // files
}

// takeCensus counts. The starting thread is counted from the start on.
func takeCensus() (c census, err error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return c, err
	}
	for _, e := range entries {
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // no process, or not any more
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == strconv.Itoa(os.Getpid()) {
			c.children++
		}
	}
	for dir, n := range map[string]*int{"/proc/self/fd": &c.descriptors, os.TempDir(): &c.temporary} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return c, err
		}
		*n = len(entries)
	}
	c.goroutines, c.hub = runtime.NumGoroutine(), home.Len()
	return c, nil
}

// leavesNothing has the test fail if it leaves more than it has found.
func leavesNothing(t *testing.T) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	if _, err := mustStart(t, square, 1, Options{}).Join(soon(t)); err != nil { // the starting thread stays
		t.Fatal(err)
	}
	before := settledCensus(t, nil)
	t.Cleanup(func() {
		if after := settledCensus(t, &before); after != before {
			t.Errorf("left: %+v, found: %+v", after, before)
		}
	})
}

// settledCensus counts until the count is want, or stays the same if that is
// nil: goroutines that have told of their end may take a moment for it.
func settledCensus(t *testing.T, want *census) census {
	t.Helper()
	var last census
	for deadline, same := time.Now().Add(20*time.Second), 0; ; time.Sleep(5 * time.Millisecond) {
		c, err := takeCensus()
		if err != nil {
			t.Fatal(err)
		}
		if c != last {
			same = 0
		}
		same, last = same+1, c
		if want != nil && c == *want || want == nil && same > 20 || time.Now().After(deadline) {
			return c
		}
	}
}
