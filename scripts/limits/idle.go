package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// idleFigures are what a crowd of workers that have nothing to do takes: time on
// CPUs, all processes together, in a second; and memory of the parent. They are
// absent where there is no /proc.
func idleFigures(ctx context.Context, f figures) error { return f.addIdle(ctx, 1000) }

func (f figures) addIdle(ctx context.Context, crowd int) (err error) {
	p, err := multiproc.NewPool(ctx, multiproc.PoolOptions{Workers: crowd})
	if err != nil {
		return err
	}
	defer func() {
		p.Close()
		err = errors.Join(err, p.Join(ctx))
	}()
	args := make([]int, 10*crowd)
	if _, err := multiproc.Map(ctx, p, nothing, args, multiproc.MapOptions{Chunk: 1}); err != nil {
		return err
	}
	const while = 3 * time.Second
	time.Sleep(while) // they go to sleep
	// To look at so many takes time and leaves garbage, which is this process's own:
	// that is read after the others, when all is collected, and before them at the
	// end.
	var begin, end [2]time.Duration
	workers, self := p.PIDs(), []int{os.Getpid()}
	for _, r := range []struct {
		to   *time.Duration
		pids []int
	}{{&begin[0], workers}, {&begin[1], self}, {nil, nil}, {&end[1], self}, {&end[0], workers}} {
		switch r.to {
		case nil:
			time.Sleep(while)
			continue
		case &begin[1]:
			debug.FreeOSMemory() // or it would be given back in the background
		}
		if *r.to, err = onCPU(r.pids); errors.Is(err, os.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
	}
	f.add("1,000 idle workers, CPU in 1 s", end[0]+end[1]-begin[0]-begin[1], int(while/time.Second))
	f.add("1 ms", time.Millisecond, 1)
	rss, err := residentSet()
	if err != nil {
		return err
	}
	f["1,000 idle workers, parent"] = append(f["1,000 idle workers, parent"], rss)
	f["64 MiB"] = append(f["64 MiB"], 64<<20)
	return nil
}

// onCPU returns the time that the threads of processes have had on CPUs, to
// the nanosecond, as times(2) does not know it.
func onCPU(pids []int) (time.Duration, error) {
	var sum time.Duration
	for _, pid := range pids {
		tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			return 0, err
		}
		for _, task := range tasks {
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/schedstat", pid, task.Name()))
			if errors.Is(err, os.ErrNotExist) {
				continue // a thread that has ended
			}
			if err != nil {
				return 0, err
			}
			first, _, _ := strings.Cut(string(b), " ")
			ns, err := strconv.ParseInt(first, 10, 64)
			if err != nil {
				return 0, err
			}
			sum += time.Duration(ns)
		}
	}
	return sum, nil
}

// residentSet returns this process's, in bytes.
func residentSet() (float64, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmRSS:" {
			kib, err := strconv.ParseFloat(fields[1], 64)
			return kib * 1024, err
		}
	}
	return 0, errors.New("/proc/self/status has no VmRSS")
}
