package multiproc

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

var whichCPUs = Func("whichCPUs", func(context.Context, int) ([]int, error) { return usableCPUs() })

func TestWorkersRunOnCPUsOfTheirOwn(t *testing.T) {
	ours, err := usableCPUs()
	if err != nil {
		t.Fatal(err)
	}
	var theirs []int
	p := newPool(t, PoolOptions{Workers: len(ours), PinCPUs: true, MaxTasksPerChild: 1})
	for range 2 { // those that come after are bound as well
		theirs = nil
		for _, w := range workersOf(p) {
			j, said := oneTask(t.Context(), whichCPUs, 0)
			for !p.leaveIdle(w) { // until it has started
				p.PIDs()
			}
			w.inbox <- j
			cpus, err := said.Get(soon(t))
			if err != nil {
				t.Error(err)
			}
			theirs = append(theirs, cpus...)
		}
		if slices.Sort(theirs); !slices.Equal(theirs, ours) {
			t.Errorf("%d, want %d", theirs, ours)
		}
	}
	if after, err := usableCPUs(); !slices.Equal(after, ours) || err != nil {
		t.Errorf("the parent runs on %d, %v", after, err)
	}
}

// Nothing polls: before long there is a while in which no worker runs at all.
func TestAnIdlePoolUsesNoCPU(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 4})
	if _, err := Map(soon(t), p, double, upTo(100), MapOptions{Chunk: 1}); err != nil {
		t.Fatal(err)
	}
	const while = 500 * time.Millisecond
	for deadline, before := time.Now().Add(time.Minute), ""; ; time.Sleep(while) {
		now := ""
		for _, pid := range p.PIDs() { // the first number is the time on a CPU
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
			if err != nil {
				t.Skip("the kernel does not say what CPU time a process takes:", err)
			}
			now += string(b)
		}
		if now == before {
			return
		}
		if before = now; time.Now().After(deadline) {
			t.Fatal("the workers of an idle pool go on running")
		}
	}
}
