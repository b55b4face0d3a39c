package multiproc

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The soak runs only where scripts/soak.sh asks for it, by these variables.
const (
	soakCycles  = "GVP_SOAK_CYCLES"
	soakSeconds = "GVP_SOAK_SECONDS"
)

// soakAmount is what a variable asks for.
func soakAmount(t *testing.T, name string) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		t.Skip("takes minutes: run scripts/soak.sh")
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q: want a positive number", name, text)
	}
	return n
}

// A holding is what a process holds at one moment of a soak.
type holding struct {
	census
	threads  int
	resident int // bytes
	heap     int // bytes in use, garbage excluded
}

func holdings(t *testing.T) holding {
	t.Helper()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h := holding{census: settledCensus(t), heap: int(m.HeapAlloc)}
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		key, value, _ := strings.Cut(line, ":")
		fields := strings.Fields(value)
		if key != "Threads" && key != "VmRSS" {
			continue
		}
		n, err := strconv.Atoi(fields[0])
		if err != nil {
			t.Fatal(err)
		}
		if key == "Threads" {
			h.threads = n
		} else {
			h.resident = n << 10
		}
	}
	return h
}

func (h holding) String() string {
	return fmt.Sprintf("%3d children %3d descriptors %3d goroutines %3d threads %3d temporary files %6.1f MiB resident %6.2f MiB heap",
		h.children, h.descriptors, h.goroutines, h.threads, h.temporary, float64(h.resident)/(1<<20), float64(h.heap)/(1<<20))
}

// grown says what the process holds more of than it did. Threads are those that
// the Go runtime found to be of use at once; it never ends any, so that there
// are a few more at times. The connection to a worker keeps the memory of its
// last large message until the next one: of the soak's large results, at worst
// one for each of four workers.
func (h holding) grown(before holding) (what []string) {
	what = h.more(before.census)
	for name, n := range map[string][3]int{ // after, before, tolerated
		"threads":            {h.threads, before.threads, 4},
		"bytes resident":     {h.resident, before.resident, 8 * largeResult},
		"bytes of heap used": {h.heap, before.heap, 4*largeResult + 4<<20},
	} {
		if n[0] > n[1]+n[2] {
			what = append(what, fmt.Sprintf("%d %s, were %d", n[0], name, n[1]))
		}
	}
	return what
}

// soak calls step until it says that it was enough, and shows what is held ten
// times or so. The first tenth is for what is kept for reuse.
func soak(t *testing.T, step func() (part float64)) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	var first holding
	for shown := 0; shown <= 10; {
		part := step()
		if part < float64(shown)/10 {
			continue
		}
		h := holdings(t)
		t.Logf("%3.0f%% %s", 100*min(part, 1), h)
		shown = int(part*10) + 1
		if first.threads == 0 && part >= 0.1 {
			first = h
		}
		if part >= 1 {
			for _, what := range h.grown(first) {
				t.Error(what)
			}
		}
	}
}

// TestSoakCycles starts and joins one child after the other.
func TestSoakCycles(t *testing.T) {
	cycles := soakAmount(t, soakCycles)
	begin := time.Now()
	n := 0
	soak(t, func() float64 {
		p, err := square.Start(n, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Join(context.Background()); got != n*n || err != nil {
			t.Fatalf("%d, %v", got, err)
		}
		n++
		return float64(n) / float64(cycles)
	})
	t.Logf("%d cycles in %s", n, time.Since(begin).Round(time.Second))
}

// TestSoakPool keeps a pool busy, and makes others beside it.
func TestSoakPool(t *testing.T) {
	duration := time.Duration(soakAmount(t, soakSeconds)) * time.Second
	p := newPool(t, PoolOptions{Workers: 4, MaxTasksPerChild: 5000, TaskTimeout: time.Minute, IdleTimeout: time.Second})
	begin := time.Now()
	tasks := 0
	soak(t, func() float64 {
		tasks += soakRound(t, p)
		part := float64(time.Since(begin)) / float64(duration)
		for range 2 * p.Workers() { // a holding has all of them up
			if len(p.PIDs()) == p.Workers() {
				break
			}
			if _, err := Map(context.Background(), p, double, upTo(100), MapOptions{Chunk: 1}); err != nil {
				t.Fatal(err)
			}
		}
		return part
	})
	t.Logf("%d tasks in %s", tasks, time.Since(begin).Round(time.Second))
}

// soakRound does some of all that a pool does, and returns how many tasks that
// were.
func soakRound(t *testing.T, p *Pool) (tasks int) {
	t.Helper()
	ctx := context.Background()
	check := func(what string, n, want int, err error) {
		if n != want || err != nil {
			t.Fatalf("%s: %d, want %d, %v", what, n, want, err)
		}
		tasks += n
	}
	for _, chunk := range []int{0, 1, 64} {
		got, err := Map(ctx, p, double, upTo(2000), MapOptions{Chunk: chunk})
		check("map", len(got), 2000, err)
	}
	for range 100 {
		n, err := Apply(ctx, p, double, 1)
		check("apply", n/2, 1, err)
	}
	n := 0
	for _, err := range ImapUnordered(ctx, p, double, slices.Values(upTo(500)), MapOptions{Chunk: 7}) {
		if err == nil {
			n++
		}
	}
	check("imap", n, 500, nil)
	for _, err := range Imap(ctx, p, double, slices.Values(upTo(500)), MapOptions{}) {
		check("first of imap", 0, 0, err)
		break // and what was read ahead is left
	}
	big, err := Map(ctx, p, afflicted, []affliction{{How: "large"}, {How: "kill"}, {How: "panic"}, {How: "exit"}, {How: "large"}}, MapOptions{Chunk: 2})
	if failures(err) != 3 {
		t.Fatalf("%v", err)
	}
	tasks += len(big)
	if err := p.Resize(2 + tasks%3); err != nil {
		t.Fatal(err)
	}
	if err := p.Resize(4); err != nil {
		t.Fatal(err)
	}
	other, err := NewPool(ctx, PoolOptions{Workers: 2, Initializer: numbers.With(1)})
	if err != nil {
		t.Fatal(err)
	}
	some := MapAsync(other, nextOf, upTo(50), MapOptions{})
	if tasks%2 == 0 {
		other.Terminate()
	} else {
		other.Close()
	}
	if err := other.Join(ctx); err != nil {
		t.Fatal(err)
	}
	<-some.Done()
	return tasks
}
