package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// A measure adds a figure, or some, of a round.
type measure struct {
	name string
	run  func(ctx context.Context, f figures) error
	once bool // in the first round only: it takes long
}

func (f figures) add(name string, took time.Duration, times int) {
	f[name] = append(f[name], float64(took.Nanoseconds())/float64(times))
}

var measures = []measure{
	{name: "pool", run: poolFigures},
	{name: "goroutines", run: goroutineFigures},
	{name: "pipe", run: pipeFigures},
	{name: "queue", run: queueFigures},
	{name: "lock", run: lockFigures},
	{name: "start", run: startFigures},
	{name: "wide", run: wideFigures},
	{name: "single", run: alone("pool", "GOMAXPROCS=1 ", "GOMAXPROCS=1")},
	{name: "idle", run: alone("idle", ""), once: true},
}

// apart are those that [alone] measures.
var apart = []measure{{name: "pool", run: poolFigures}, {name: "idle", run: idleFigures}}

// alone measures in a process of its own, with that environment added.
func alone(name, prefix string, env ...string) func(context.Context, figures) error {
	return func(ctx context.Context, f figures) error {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		return f.runPeer(ctx, prefix, env, self, "-just", name)
	}
}

var nothing = multiproc.Func("nothing", func(_ context.Context, n int) (int, error) { return n, nil })

// workers is how many there are in pools, of processes as of goroutines and
// Python's.
const workers = 2

func poolFigures(ctx context.Context, f figures) (err error) {
	p, err := multiproc.NewPool(ctx, multiproc.PoolOptions{Workers: workers})
	if err != nil {
		return err
	}
	defer func() {
		p.Close()
		err = errors.Join(err, p.Join(ctx))
	}()
	if err := errors.Join(f.addMap(ctx, "pool map, chunk 1", p, 1), f.addMap(ctx, "pool map, default", p, 0)); err != nil {
		return err
	}
	const warm, hot, paused = 1000, 100_000, 150 // hot ones as many as the peer in C
	var began time.Time
	for i := range warm + hot { // both sides look for work, and do not sleep, by then
		if i == warm {
			began = time.Now()
		}
		if _, err := multiproc.Apply(ctx, p, nothing, i); err != nil {
			return err
		}
	}
	f.add("apply, hot", time.Since(began), hot)
	var spent time.Duration
	for i := range paused {
		time.Sleep(time.Millisecond) // both sides sleep by then
		began := time.Now()
		if _, err := multiproc.Apply(ctx, p, nothing, i); err != nil {
			return err
		}
		spent += time.Since(began)
	}
	f.add("apply, paused", spent, paused)
	return nil
}

// wideFigures are those of a pool that is wider than the machine.
func wideFigures(ctx context.Context, f figures) (err error) {
	const width = 8
	p, err := multiproc.NewPool(ctx, multiproc.PoolOptions{Workers: width * runtime.NumCPU()})
	if err != nil {
		return err
	}
	defer func() {
		p.Close()
		err = errors.Join(err, p.Join(ctx))
	}()
	return f.addMap(ctx, "pool map, chunk 1, 8 workers a CPU", p, 1)
}

// addMap adds what a task without work takes, of many.
func (f figures) addMap(ctx context.Context, name string, p *multiproc.Pool, chunk int) error {
	args := make([]int, 400_000)
	const warm, times = 1, 2
	var began time.Time
	for i := range warm + times {
		if i == warm {
			began = time.Now()
		}
		if _, err := multiproc.Map(ctx, p, nothing, args, multiproc.MapOptions{Chunk: chunk}); err != nil {
			return err
		}
	}
	f.add(name, time.Since(began), times*len(args))
	return nil
}

// goroutineFigures are those of the pool that a Go programmer would write: one
// channel without room, from which the workers take one task after the other.
func goroutineFigures(_ context.Context, f figures) error {
	args := make([]int, 400_000)
	results := make([]int, len(args))
	tasks := make(chan int)
	var all sync.WaitGroup
	began := time.Now()
	for range workers {
		all.Go(func() {
			for i := range tasks {
				results[i] = args[i]
			}
		})
	}
	for i := range args {
		tasks <- i
	}
	close(tasks)
	all.Wait()
	f.add("goroutines, one channel", time.Since(began), len(args))
	return nil
}

// echo sends back what comes, until nothing more does.
var echo = multiproc.Func("echo", func(ctx context.Context, c *multiproc.Connection) (int, error) {
	for n := 0; ; n++ {
		b, err := c.Recv(ctx)
		if err != nil {
			return n, c.Close()
		}
		if err := c.Send(ctx, b); err != nil {
			return n, err
		}
	}
})

// drain takes in messages, and says when there were as many as are to warm up, and
// when that was all.
var drain = multiproc.Func("drain", func(ctx context.Context, c *multiproc.Connection) (int, error) {
	for n := range warming + megabytes {
		if n == warming {
			if err := c.Send(ctx, []byte("warm")); err != nil {
				return n, err
			}
		}
		if err := c.RecvFunc(ctx, func([]byte) error { return nil }); err != nil {
			return n, err
		}
	}
	return megabytes, c.Send(ctx, []byte("done"))
})

// megabytes is how many messages of a MiB are timed, after some that are not: the
// start of the child, and the first use of memory, are no part of them.
const megabytes, warming = 2000, 200

func pipeFigures(ctx context.Context, f figures) error {
	here, there, err := multiproc.BytePipe()
	if err != nil {
		return err
	}
	p, err := echo.Start(there, multiproc.Options{})
	if err != nil {
		return err
	}
	msg := make([]byte, 8)
	const warm, trips = 1000, 100_000 // as many as the peer in C
	var began time.Time
	for i := range warm + trips {
		if i == warm {
			began = time.Now()
		}
		if err := here.Send(ctx, msg); err != nil {
			return err
		}
		if _, err := here.Recv(ctx); err != nil {
			return err
		}
	}
	f.add("pipe round trip, 8 B", time.Since(began), trips)
	if err := here.Close(); err != nil {
		return err
	}
	if _, err := p.Join(ctx); err != nil {
		return err
	}

	if here, there, err = multiproc.BytePipe(); err != nil {
		return err
	}
	if p, err = drain.Start(there, multiproc.Options{}); err != nil {
		return err
	}
	msg = make([]byte, 1<<20)
	for i := range warming + megabytes {
		if i == warming {
			if _, err := here.Recv(ctx); err != nil {
				return err
			}
			began = time.Now()
		}
		if err := here.Send(ctx, msg); err != nil {
			return err
		}
	}
	if _, err := here.Recv(ctx); err != nil {
		return err
	}
	f.add("pipe, 1 MiB one way", time.Since(began), megabytes)
	_, err = p.Join(ctx)
	return errors.Join(err, here.Close())
}

// A drainage is the queue that a child takes values out of, and what it says of that,
// as drain does.
type drainage struct {
	Queue      *multiproc.Queue[[]byte]
	Warm, Done *multiproc.Event
}

var drainQueue = multiproc.Func("drainQueue", func(ctx context.Context, d drainage) (int, error) {
	for n := range warming + megabytes {
		if n == warming {
			if err := d.Warm.Set(); err != nil {
				return n, err
			}
		}
		if err := d.Queue.GetFunc(ctx, func([]byte) error { return nil }); err != nil {
			return n, err
		}
	}
	return megabytes, d.Done.Set()
})

func queueFigures(ctx context.Context, f figures) error {
	q, err := multiproc.NewQueue[[]byte](8)
	if err != nil {
		return err
	}
	d := drainage{Queue: q, Warm: multiproc.NewEvent(), Done: multiproc.NewEvent()}
	p, err := drainQueue.Start(d, multiproc.Options{})
	if err != nil {
		return err
	}
	msg := make([]byte, 1<<20)
	var began time.Time
	for i := range warming + megabytes {
		if i == warming {
			if err := d.Warm.Wait(ctx); err != nil {
				return err
			}
			began = time.Now()
		}
		if err := q.Put(ctx, msg); err != nil {
			return err
		}
	}
	if err := d.Done.Wait(ctx); err != nil {
		return err
	}
	f.add("queue, 1 MiB one way", time.Since(began), megabytes)
	_, err = p.Join(ctx)
	return errors.Join(err, q.Close(), d.Warm.Close(), d.Done.Close())
}

func lockFigures(ctx context.Context, f figures) error {
	l := multiproc.NewLock()
	const pairs = 1_000_000
	began := time.Now()
	for range pairs {
		if err := l.Acquire(ctx); err != nil {
			return err
		}
		if err := l.Release(); err != nil {
			return err
		}
	}
	f.add("lock pair", time.Since(began), pairs)
	var mu sync.Mutex
	began = time.Now()
	for range pairs {
		mu.Lock()
		mu.Unlock() //nolint:staticcheck // what is measured is the pair alone
	}
	f.add("sync.Mutex pair", time.Since(began), pairs)
	return l.Close()
}

const starts = 20

func startFigures(ctx context.Context, f figures) error {
	began := time.Now()
	for i := range starts {
		p, err := nothing.Start(i, multiproc.Options{})
		if err != nil {
			return err
		}
		if _, err := p.Join(ctx); err != nil {
			return err
		}
	}
	f.add("start and join", time.Since(began), starts)
	return f.startWarm(ctx)
}

// startWarm starts children from spares, whose replacement is off the clock.
func (f figures) startWarm(ctx context.Context) error {
	spares, err := multiproc.NewSpares(1, multiproc.Options{})
	if err != nil {
		return err
	}
	defer spares.Close() // they have done nothing
	var started, joined time.Duration
	for i := range starts {
		if err := spares.Wait(ctx); err != nil {
			return err
		}
		began := time.Now()
		p, err := nothing.Start(i, multiproc.Options{Spares: spares})
		if err != nil {
			return err
		}
		started += time.Since(began)
		if _, err := p.Join(ctx); err != nil {
			return err
		}
		joined += time.Since(began)
		if !p.Warm() {
			return errors.New("a child that finds a spare ready is not warm")
		}
	}
	f.add("start, warm", started, starts)
	f.add("start and join, warm", joined, starts)
	f.add("0.2 ms", 200*time.Microsecond, 1)
	return nil
}

// runEmpty starts a program that does nothing as multiproc starts its children.
func (f figures) runEmpty(ctx context.Context, program string) error {
	began := time.Now()
	for range starts {
		p, err := os.StartProcess(program, []string{program}, &os.ProcAttr{})
		if err != nil {
			return err
		}
		state, err := p.Wait()
		if err != nil {
			return err
		}
		if !state.Success() {
			return fmt.Errorf("%s: %s", program, state)
		}
	}
	f.add("empty program", time.Since(began), starts)
	return ctx.Err()
}

// runPeer runs a program that writes names and figures, and adds those under
// their names behind the prefix.
func (f figures) runPeer(ctx context.Context, prefix string, env []string, argv ...string) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		at := max(0, strings.LastIndexByte(lines.Text(), ' '))
		name, number := lines.Text()[:at], strings.TrimSpace(lines.Text()[at:])
		ns, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return fmt.Errorf("%q: want a name and a number", lines.Text())
		}
		f[prefix+name] = append(f[prefix+name], ns)
	}
	return lines.Err()
}
