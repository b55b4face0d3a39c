package multiproc

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// An ending is what became of one task.
type ending struct {
	times  int
	result []byte
	err    error
}

// endings collects what becomes of tasks.
type endings struct {
	mu  sync.Mutex
	of  []ending
	all sync.WaitGroup
	hit func(n int) // called with each ending, by its number
	n   int
}

func (e *endings) note(id int, result []byte, err error) {
	e.mu.Lock()
	e.of[id].times++
	e.of[id].result, e.of[id].err = result, err
	e.n++
	n := e.n
	e.mu.Unlock()
	e.hit(n)
}

// TestRandomFaults has a pool do tasks in all of its ways, many of which end
// their worker, while a signal from outside hits any worker now and then. Every
// task ends in exactly one result or one error and has run at most once, and
// nothing is left.
func TestRandomFaults(t *testing.T) {
	faults := 1000
	if testing.Short() {
		faults = 100
	}
	leavesNothing(t)
	const seed = 3
	rng := rand.New(rand.NewPCG(seed, 0))
	ledger := filepath.Join(t.TempDir(), "ledger")
	if err := os.WriteFile(ledger, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	p := newPool(t, PoolOptions{Workers: 4, TaskTimeout: faultTimeout, SetupTimeout: 5 * faultTimeout, MaxTasksPerChild: 50})

	// Seven of eight faults are in tasks; half of the tasks are sound.
	tasks := randomTasks(rng, 2*faults*7/8, ledger)
	outside := len(tasks) / (faults / 8) // a signal for so many endings
	struck := 0
	e := &endings{of: make([]ending, len(tasks))}
	e.hit = func(n int) {
		if n%outside == 0 {
			e.mu.Lock()
			defer e.mu.Unlock()
			hitOne(p, rng, []os.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM, syscall.SIGSTOP})
			struck++
		}
	}
	submitInAllWays(t, p, tasks, e)
	e.all.Wait()

	runs := readLedger(t, ledger)
	unsound := 0
	for i, end := range e.of {
		if end.times != 1 || runs[i] > 1 {
			t.Errorf("task %d (%s) has run %d times and ended %d times: %.10q, %v", i, tasks[i].How, runs[i], end.times, end.result, end.err)
		}
		if end.err == nil && (runs[i] != 1 || !strings.HasPrefix(string(end.result), strconv.Itoa(i))) {
			t.Errorf("task %d (%s) has run %d times and its result is %.10q", i, tasks[i].How, runs[i], end.result)
		}
		if end.err != nil && sound(tasks[i]) {
			unsound++
		}
	}
	if unsound > struck {
		t.Errorf("%d sound tasks fail, and %d workers were hit from outside", unsound, struck)
	}
	t.Logf("%d tasks, %d of them sound, which failed %d times; %d workers hit from outside", len(tasks), len(tasks)/2, unsound, struck)
	if _, err := Map(soon(t), p, double, upTo(100), MapOptions{}); err != nil {
		t.Errorf("after that: %v", err)
	}
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
}

// afflictions are those that random tasks suffer. Those that only a time-out
// ends are rare, for the sake of the test's own time.
var afflictions = slices.Concat(
	slices.Repeat([]string{"kill", "terminate", "exit", "panic", "goexit", "error", "no descriptors", "closed stdio", "kill while sending", "large"}, 10),
	[]string{"stop", "stop while sending"},
)

// randomTasks makes n tasks; every other one is sound.
func randomTasks(rng *rand.Rand, n int, ledger string) []affliction {
	tasks := make([]affliction, n)
	for i := range tasks {
		tasks[i] = affliction{ID: i, Ledger: ledger}
		if i%2 == 1 {
			tasks[i].How = afflictions[rng.IntN(len(afflictions))]
		}
	}
	return tasks
}

// sound tells whether a task has a result, unless something hits its worker.
func sound(a affliction) bool {
	return a.How == "" || a.How == "large" || a.How == "closed stdio"
}

// hitOne sends one of the signals to one of the workers.
func hitOne(p *Pool, rng *rand.Rand, signals []os.Signal) {
	sig, chosen := signals[rng.IntN(len(signals))], rng.IntN(4)
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.workers {
		if w.number == chosen {
			w.hit(sig)
		}
	}
}

// submitInAllWays has a quarter of the tasks done by each of the pool's calls.
func submitInAllWays(t *testing.T, p *Pool, tasks []affliction, e *endings) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	quarter := len(tasks) / 4
	mapped := tasks[:quarter]
	e.all.Go(func() {
		results, err := Map(ctx, p, afflicted, mapped, MapOptions{Chunk: 5})
		errs := taskErrors(t, err)
		for i, task := range mapped {
			if len(results) == 0 {
				return // as taskErrors has told
			}
			e.note(task.ID, results[i], errs[i])
		}
	})
	unordered := tasks[quarter : 2*quarter]
	e.all.Go(func() {
		for result, err := range ImapUnordered(ctx, p, afflicted, slices.Values(unordered), MapOptions{}) {
			if task, ok := errors.AsType[*TaskError](err); ok {
				e.note(unordered[task.Index].ID, nil, err)
				continue
			}
			text, _, _ := strings.Cut(string(result), "\x00")
			id, err := strconv.Atoi(text)
			if err != nil {
				t.Error(err)
				return
			}
			e.note(id, result, nil)
		}
	})
	some := tasks[2*quarter : 3*quarter]
	e.all.Go(func() {
		i := 0
		for result, err := range Imap(ctx, p, afflicted, slices.Values(some), MapOptions{Chunk: 3}) {
			e.note(some[i].ID, result, err)
			i++
		}
	})
	for _, task := range tasks[3*quarter:] {
		e.all.Add(1)
		ApplyAsync(p, afflicted, task).Then(func(result []byte, err error) {
			e.note(task.ID, result, err)
			e.all.Done()
		})
	}
}

// taskErrors returns the errors that the one of a Map joins, by index.
func taskErrors(t *testing.T, err error) map[int]error {
	byIndex := map[int]error{}
	if err == nil {
		return byIndex
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Errorf("%v", err)
		return byIndex
	}
	for _, err := range joined.Unwrap() {
		var task *TaskError
		if !errors.As(err, &task) || byIndex[task.Index] != nil {
			t.Errorf("%v", err)
			continue
		}
		byIndex[task.Index] = err
	}
	return byIndex
}

// readLedger returns how often each task has run.
func readLedger(t *testing.T, file string) map[int]int {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	runs := map[int]int{}
	for text := range strings.Lines(string(b)) {
		id, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			t.Fatal(err)
		}
		runs[id]++
	}
	return runs
}
