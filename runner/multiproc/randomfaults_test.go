package multiproc

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// TestRandomFaults has a pool do tasks in all of its ways, half of which end in
// a fault, while a signal from outside hits any worker now and then, descendants
// of killed workers are left to end by themselves, pipes are full, and so is
// /dev/shm where that can be. Every task ends in exactly one result or one error
// and has run at most once, and nothing is left.
func TestRandomFaults(t *testing.T) {
	kinds := slices.Clone(commonFaults)
	for _, f := range moreFaults {
		if systemFault(f.how) != nil && !strings.HasPrefix(f.how, "stop") {
			kinds = append(kinds, f.how)
		}
	}
	elsewhere, full := inSmallSharedMemory(t)
	switch {
	case elsewhere:
		return
	case full:
		kinds = append(kinds, "full shared memory")
	default:
		t.Log("without faults of a full /dev/shm: this process may not mount a small one")
	}
	if startsOutliveKills() {
		kinds = slices.DeleteFunc(kinds, func(how string) bool { return how == "kill with descendants" })
		t.Log("without killed parents: Wine keeps a process for ever whose parent was killed while it started it")
	}
	faults := 1000
	if testing.Short() {
		faults = 50
	}
	ledger := scratch(t)
	leavesNothing(t)
	if full {
		fillSharedMemory(t)
	}
	randomFaults(t, faults, kinds, ledger)
}

func randomFaults(t *testing.T, faults int, kinds []string, ledger string) {
	t.Helper()
	const seed = 3
	rng := rand.New(rand.NewPCG(seed, 0))
	v := newVigil(t)
	tasks := randomTasks(rng, faults, kinds, affliction{Ledger: ledger, Vigil: v.address()})
	p := newPool(t, PoolOptions{Workers: 4, TaskTimeout: faultTimeout, SetupTimeout: 5 * faultTimeout, MaxTasksPerChild: 50, Stderr: nowhere(t)})

	struck := 0 // beside the faults in tasks, one for each eight
	e := &endings{of: make([]ending, len(tasks))}
	e.hit = func(n int) {
		e.mu.Lock()
		defer e.mu.Unlock()
		if due := n * faults / 8 / len(tasks); struck < due && hitOne(p, rng, signalsOutside) {
			struck++
		}
	}
	submitInAllWays(t, p, tasks, e)
	e.all.Wait()

	checkEndings(t, tasks, e.of, readLedger(t, ledger), struck)
	// Each worker may have stopped after its last task, by its own hand or
	// another's, and then costs the next one that it gets.
	_, err := Map(soon(t), p, double, upTo(100), MapOptions{})
	if n := len(taskErrors(t, err)); n > p.Workers() {
		t.Errorf("after that, %d tasks fail: %v", n, err)
	}
	if _, err := Map(soon(t), p, double, upTo(100), MapOptions{}); err != nil {
		t.Errorf("when all is over: %v", err)
	}
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
	v.awaitTheEnd()
	if came, _ := v.count(); came == 0 && slices.Contains(kinds, "kill with descendants") {
		t.Error("no worker that was killed had descendants")
	}
}

// checkEndings asks that each task has one end, and that it is the right one.
// Sound tasks may fail if something has hit their worker.
func checkEndings(t *testing.T, tasks []affliction, ends []ending, runs map[int]int, struck int) {
	t.Helper()
	counted := map[string]int{}
	unsound, deaf, sending, late := 0, 0, 0, 0
	for i, end := range ends {
		how := tasks[i].How
		counted[how]++
		if strings.HasSuffix(how, "while sending") {
			sending++
		}
		if end.times != 1 || runs[i] > 1 {
			t.Errorf("task %d (%s) has run %d times and ended %d times: %.10q, %v", i, how, runs[i], end.times, end.result, end.err)
		}
		if end.err == nil && (runs[i] != 1 || !strings.HasPrefix(string(end.result), strconv.Itoa(i))) {
			t.Errorf("task %d (%s) has run %d times and its result is %.10q", i, how, runs[i], end.result)
		}
		switch {
		case how == "stop before reading":
			deaf++ // and the worker's next task fails
		case sound(tasks[i]) && end.err != nil:
			unsound++
		case !sound(tasks[i]) && end.err == nil && strings.HasSuffix(how, "while sending"):
			late++ // all of it was sent before the goroutine that strikes had a CPU: the worker's next task fails
		case !sound(tasks[i]) && end.err == nil:
			t.Errorf("task %d (%s) has come to no harm", i, how)
		}
	}
	if unsound > struck+deaf+late {
		t.Errorf("%d sound tasks fail; %d workers were hit from outside, and %d have stopped themselves, or died too late", unsound, struck, deaf+late)
	}
	if 20*late > sending {
		t.Errorf("of %d faults while sending, %d came too late", sending, late)
	}
	t.Logf("%d tasks: %v; %d sound ones failed; %d workers hit from outside", len(tasks), counted, unsound, struck)
}

// randomTasks makes as many tasks as there are to be faults, and as many that
// have none. Of those, some are large, and some have a large argument, which
// fills the pipe to a worker that does not read; faults that only a time-out
// ends are rare, for the sake of the test's own time.
func randomTasks(rng *rand.Rand, faults int, kinds []string, common affliction) []affliction {
	var stops []string
	for _, f := range moreFaults {
		if systemFault(f.how) != nil && strings.HasPrefix(f.how, "stop") {
			stops = append(stops, f.how)
		}
	}
	harmless := []string{"", "", "", "", "", "", "large", "closed stdio"}
	load := make([]byte, 100<<10)
	tasks := make([]affliction, 2*faults)
	for i := range tasks {
		a := common
		a.ID = i
		switch n := rng.IntN(60); {
		case i%2 == 0:
			a.How = harmless[rng.IntN(len(harmless))]
			if n < 20 {
				a.Load = load
			}
		case n == 0 && len(stops) > 0:
			a.How = stops[rng.IntN(len(stops))]
		default:
			a.How = kinds[rng.IntN(len(kinds))]
		}
		tasks[i] = a
	}
	return tasks
}

// sound tells whether a task has a result, unless something hits its worker.
func sound(a affliction) bool {
	return a.How == "" || a.How == "large" || a.How == "closed stdio" || a.How == "stop before reading"
}

// hitOne sends one of the signals to one of the workers. It reports false if
// that one has no process.
func hitOne(p *Pool, rng *rand.Rand, signals []os.Signal) bool {
	sig, chosen := signals[rng.IntN(len(signals))], rng.IntN(4)
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.workers {
		if w.number == chosen && w.process() != nil {
			w.hit(sig)
			return true
		}
	}
	return false
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
