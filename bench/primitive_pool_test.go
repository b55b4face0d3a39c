package bench

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// nothing is a task that is over at once.
var nothing = multiproc.Func("bench.nothing", func(_ context.Context, n int) (int, error) { return n, nil })

// BenchmarkDispatch hands tasks that are over at once to two workers, an
// iteration each: one by one over an unbuffered channel, or by Pool.Map with
// chunks of one task, of 64, and as it chooses itself.
func BenchmarkDispatch(b *testing.B) {
	const workers = 2
	b.Run("chunk=one/by=channel", func(b *testing.B) {
		tasks, results := make(chan int), make([]int, b.N)
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for i := range tasks {
					results[i] = i
				}
			})
		}
		b.ResetTimer()
		for i := range b.N {
			tasks <- i
		}
		close(tasks)
		all.Wait()
	})
	pool := newPool(b, workers)
	for _, c := range []struct {
		name string
		n    int
	}{{"one", 1}, {"some", 64}, {"default", 0}} {
		b.Run("chunk="+c.name+"/by=pool", func(b *testing.B) {
			args := make([]int, b.N)
			for i := range args {
				args[i] = i
			}
			b.ResetTimer()
			got, err := multiproc.Map(context.Background(), pool, nothing, args, multiproc.MapOptions{Chunk: c.n})
			b.StopTimer()
			if len(got) != b.N || err != nil || got[b.N-1] != b.N-1 {
				b.Fatal(len(got), err)
			}
		})
	}
	b.Run("chunk=apply/by=pool", func(b *testing.B) {
		for b.Loop() {
			if _, err := multiproc.Apply(context.Background(), pool, nothing, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// newPool makes a pool whose workers are ready.
func newPool(b *testing.B, workers int) *multiproc.Pool {
	b.Helper()
	ctx := context.Background()
	pool, err := multiproc.NewPool(ctx, multiproc.PoolOptions{Workers: workers})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		pool.Close()
		if err := pool.Join(ctx); err != nil {
			b.Error(err)
		}
	})
	if _, err := multiproc.Map(ctx, pool, nothing, make([]int, 100*workers), multiproc.MapOptions{Chunk: 1}); err != nil {
		b.Fatal(err)
	}
	return pool
}

// BenchmarkStartJoin starts something that is over at once and waits for its end:
// a goroutine, a child, a child from a spare, which is replaced off the clock.
func BenchmarkStartJoin(b *testing.B) {
	b.Run("by=goroutine", func(b *testing.B) {
		for b.Loop() {
			done := make(chan struct{})
			go close(done)
			<-done
		}
	})
	child := func(b *testing.B, o multiproc.Options) {
		b.Helper()
		p, err := nothing.Start(1, o)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.Join(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("by=process", func(b *testing.B) {
		for b.Loop() {
			child(b, multiproc.Options{})
		}
	})
	b.Run("by=spare", func(b *testing.B) {
		spares, err := multiproc.NewSpares(1, multiproc.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for range b.N {
			b.StopTimer()
			if err := spares.Wait(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			child(b, multiproc.Options{Spares: spares})
		}
		b.StopTimer()
		if err := spares.Close(); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkIdleWorker reports what an idle worker holds of memory, as B/worker: a
// goroutine of its stack, a process of what is its alone and its part of what it
// shares (PSS).
func BenchmarkIdleWorker(b *testing.B) {
	b.Run("by=goroutine", func(b *testing.B) {
		const many = 10_000
		var held float64
		for range b.N {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			end := make(chan struct{})
			for range many {
				go func() { <-end }()
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			held = (float64(after.StackInuse+after.HeapAlloc) - float64(before.StackInuse+before.HeapAlloc)) / many
			close(end)
		}
		b.ReportMetric(held, "B/worker")
	})
	b.Run("by=process", func(b *testing.B) {
		if _, err := os.Stat("/proc/self/smaps_rollup"); err != nil {
			b.Skip("this system does not tell what part of memory is whose")
		}
		const workers = 4
		pool := newPool(b, workers)
		var held float64
		for range b.N {
			held = 0
			for _, pid := range pool.PIDs() {
				held += float64(pssOf(b, pid)) / workers
			}
		}
		b.ReportMetric(held, "B/worker")
	})
}

// pssOf is the proportional set size of a process, in bytes.
func pssOf(b *testing.B, pid int) int {
	b.Helper()
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
	if err != nil {
		b.Fatal(err)
	}
	return pssIn(b, string(data))
}

// pssIn reads the line "Pss: n kB".
func pssIn(b *testing.B, text string) int {
	b.Helper()
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "Pss:" {
			n, err := strconv.Atoi(fields[1])
			if err != nil {
				b.Fatal(err)
			}
			return n << 10
		}
	}
	b.Fatal("no Pss in smaps_rollup")
	return 0
}
