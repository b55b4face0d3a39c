package multiproc

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// nothing does nothing, and says so.
var nothing = Func("nothing", func(_ context.Context, n int) (int, error) { return n, nil })

// BenchmarkPoolMap hands out tasks that do nothing, to processes and, for
// comparison, to goroutines.
func BenchmarkPoolMap(b *testing.B) {
	const workers = 2
	args := slices.Repeat([]int{1}, 100_000)
	perTask := func(b *testing.B) {
		b.Helper()
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(args)), "ns/task")
	}
	for _, c := range []struct {
		name  string
		chunk int
	}{{"one", 1}, {"64", 64}, {"default", 0}} {
		b.Run("process/chunk="+c.name, func(b *testing.B) {
			p := newPool(b, PoolOptions{Workers: workers})
			defer end(b, p)
			for b.Loop() {
				if _, err := Map(context.Background(), p, nothing, args, MapOptions{Chunk: c.chunk}); err != nil {
					b.Fatal(err)
				}
			}
			perTask(b)
		})
	}
	b.Run("goroutine/chunk=one", func(b *testing.B) {
		tasks := make(chan int)
		results := make([]int, len(args))
		var wg sync.WaitGroup
		defer wg.Wait()
		defer close(tasks)
		var done sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for i := range tasks {
					results[i] = args[i]
					done.Done()
				}
			})
		}
		for b.Loop() {
			done.Add(len(args))
			for i := range args {
				tasks <- i
			}
			done.Wait()
		}
		perTask(b)
	})
}

// BenchmarkPoolApply is the round trip of one task.
func BenchmarkPoolApply(b *testing.B) {
	p := newPool(b, PoolOptions{Workers: 1})
	defer end(b, p)
	for b.Loop() {
		if _, err := Apply(context.Background(), p, nothing, 1); err != nil {
			b.Fatal(err)
		}
	}
}

var (
	echoCopy = Func("echoCopy", func(_ context.Context, b []byte) ([]byte, error) { return b, nil })
	echoView = ViewFunc("echoView", func(_ context.Context, b []byte) ([]byte, error) { return b, nil })
)

// BenchmarkPoolLarge has a worker return an argument of a size, used in place on
// either side or copied.
func BenchmarkPoolLarge(b *testing.B) {
	for _, size := range []int{16 << 10, 1 << 20, 16 << 20} {
		arg := make([]byte, size)
		for _, c := range []struct {
			name string
			call func(p *Pool) error
		}{
			{"copied", func(p *Pool) error {
				_, err := Apply(context.Background(), p, echoCopy, arg)
				return err
			}},
			{"in place", func(p *Pool) error {
				return ApplyFunc(context.Background(), p, echoView, arg, func([]byte) error { return nil })
			}},
		} {
			b.Run("size="+strconv.Itoa(size)+"B/"+c.name, func(b *testing.B) {
				p := newPool(b, PoolOptions{Workers: 1})
				defer end(b, p)
				b.SetBytes(int64(2 * size))
				for b.Loop() {
					if err := c.call(p); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
