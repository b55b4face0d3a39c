package multiproc

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var panicking = InitializerFunc("panicking", func(_ context.Context, text string) (int, error) { panicInside(text); return 0, nil }, nil)

func panicInside(text string) { panic(text) }

func TestPanicOfAnInitializerIsItsError(t *testing.T) {
	pool, err := NewPool(soon(t), PoolOptions{Workers: 1, Initializer: panicking.With("the user's own panic")})
	if err != nil {
		t.Fatal(err)
	}
	defer end(t, pool)
	_, err = Apply(soon(t), pool, square, 1)
	says(t, "the text", err, "the initializer failed: process ")
	says(t, "the text", err, "(panicking): panic: the user's own panic")
	if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.Stack, "panicInside") {
		t.Errorf("%#v has no stack of the panic", e)
	}
}

func TestInitializersHaveNamesOfTheirOwn(t *testing.T) {
	r := initializerRegistry{byName: map[string]initializer{}}
	r.add("i", nil)
	if _, err := r.find("i"); err != nil {
		t.Error(err)
	}
	_, err := r.find("other")
	says(t, "an unregistered one", err, `no initializer "other"`)
	_, err = r.find("")
	says(t, "one without a name", err, "without a name")
	r.add("i", nil)
	_, err = r.find("i")
	says(t, "one registered twice", err, "twice")

	_, err = NewPool(soon(t), PoolOptions{Workers: 1, Initializer: Initializer[int, int]{}.With(1)})
	says(t, "the zero Initializer", err, "without a name")
}

// A workshop is what the workers of a pool share by their initializer.
type workshop struct {
	Counts *Array[int64] // of tasks, by number
	Memory *SharedMemory // without a name
	Named  *SharedMemory
	List   *ShareableList
	Total  *Value[int64]
	Log    File
	Label  string
}

var inWorkshop = InitializerFunc("inWorkshop", func(_ context.Context, w workshop) (workshop, error) { return w, nil },
	func(w workshop) error {
		return errors.Join(w.Counts.Close(), w.Memory.Close(), w.Total.Close(), w.Log.Close())
	})

// A chore is a task in a workshop.
type chore struct {
	Number int
	Die    bool
}

var doChore = Func("doChore", func(ctx context.Context, c chore) (int, error) {
	w, ok := inWorkshop.State(ctx)
	if !ok {
		return 0, errors.New("no workshop")
	}
	if err := w.Counts.Set(ctx, c.Number, int64(c.Number+1)); err != nil {
		return 0, err
	}
	if err := w.Total.Update(ctx, func(n *int64) error { *n++; return nil }); err != nil {
		return 0, err
	}
	w.Memory.Bytes()[c.Number]++
	w.Named.Bytes()[c.Number]++
	if err := w.List.Set(c.Number, w.Label); err != nil {
		return 0, err
	}
	if _, err := w.Log.Write([]byte{'x'}); err != nil {
		return 0, err
	}
	if c.Die {
		return 0, killMyself()
	}
	return os.Getpid(), nil
})

// newWorkshop makes one for so many tasks.
func newWorkshop(t *testing.T, dir string, tasks int) workshop {
	t.Helper()
	counts, err := NewArray[int64](tasks)
	memory, err2 := NewSharedMemory(tasks)
	total, err3 := NewValue[int64](0)
	list, err4 := NewShareableList(slices.Repeat([]any{"no label"}, tasks))
	log, err5 := os.Create(filepath.Join(dir, "log"))
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(counts.Close(), memory.Close(), total.Close(), list.Close(), log.Close()); err != nil {
			t.Error(err)
		}
	})
	return workshop{counts, memory, mustCreate(t, ownName(t), tasks), list, total, File{log}, "done"}
}

// check asks that each task was done once, as far as what is shared tells.
func (w workshop) check(t *testing.T) {
	t.Helper()
	tasks := w.Counts.Len()
	for i, n := range w.Counts.Slice() {
		label, err := w.List.Get(i)
		if n != int64(i+1) || w.Memory.Bytes()[i] != 1 || w.Named.Bytes()[i] != 1 || label != "done" || err != nil {
			t.Errorf("task %d has left %d, %d, %d, %v, %v", i, n, w.Memory.Bytes()[i], w.Named.Bytes()[i], label, err)
		}
	}
	if n, err := w.Total.Load(soon(t)); n != int64(tasks) || err != nil {
		t.Errorf("%d tasks in all, %v; want %d", n, err, tasks)
	}
	if info, err := w.Log.Stat(); err != nil || info.Size() != int64(tasks) {
		t.Errorf("the log: %v, %v", info, err)
	}
}

// Python's Pool(initializer=init, initargs=(array,)): what several workers do to
// memory that their initializer was given is there for all, and in the parent;
// also for a worker that replaces one, and for another pool.
func TestAnInitializerSharesMemoryWithAllWorkers(t *testing.T) {
	dir := scratch(t) // which counts as a file that is left
	leavesNothing(t)
	const tasks = 40
	w := newWorkshop(t, dir, tasks)
	init := inWorkshop.With(w)
	w.Label = "not any more" // what was encoded stays
	first := newPool(t, PoolOptions{Workers: 3, Initializer: init})
	second := newPool(t, PoolOptions{Workers: 1, Initializer: init})
	numbers := make([]chore, tasks)
	for i := range numbers {
		numbers[i] = chore{Number: i, Die: i%10 == 5}
	}
	half := MapAsync(second, doChore, numbers[tasks/2:], MapOptions{Chunk: 1})
	pids, err := Map(soon(t), first, doChore, numbers[:tasks/2], MapOptions{Chunk: 1})
	others, err2 := half.Get(soon(t))
	if failures(err) != 2 || failures(err2) != 2 {
		t.Errorf("%v; %v", err, err2)
	}
	processes := map[int]bool{} // that have done tasks and live on; 0 stands for the others
	for _, pid := range append(pids, others...) {
		processes[pid] = true
	}
	if delete(processes, 0); len(processes) < 2 {
		t.Errorf("only the processes %v", processes)
	}
	w.check(t)
	for _, p := range []*Pool{first, second} {
		p.Close()
		if err := p.Join(soon(t)); err != nil {
			t.Error(err)
		}
	}
	w.check(t) // the workers have closed theirs
}

// A worker that was killed while it waited, and so has nothing to do with any
// task, is replaced by one that has all that it had.
func TestAWorkerThatReplacesOneSharesAsWell(t *testing.T) {
	dir := scratch(t) // which counts as a file that is left
	leavesNothing(t)
	w := newWorkshop(t, dir, 20)
	p := newPool(t, PoolOptions{Workers: 2, Initializer: inWorkshop.With(w), MaxTasksPerChild: 3})
	for i := range 20 {
		if i%5 == 0 {
			old := p.PIDs()
			hitAll(p, os.Kill)
			awaitReplacement(t, p, old)
		}
		if _, err := Apply(soon(t), p, doChore, chore{Number: i}); err != nil {
			t.Errorf("task %d: %v", i, err)
		}
	}
	w.check(t)
}

var inPipe = InitializerFunc("inPipe", func(_ context.Context, s *Sender[int]) (*Sender[int], error) { return s, nil }, nil)

// What moves cannot go to many; it stays where it is, and good.
func TestAnInitializerTakesNoConnection(t *testing.T) {
	leavesNothing(t)
	r, s, err := OneWayPipe[int]()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = r.Close(), s.Close() }()
	_, err = NewPool(soon(t), PoolOptions{Workers: 1, Initializer: inPipe.With(s)})
	says(t, "a connection", err, "the argument of the initializer inPipe: a connection moves to one process")
	if !errors.Is(err, ErrHandover) {
		t.Errorf("%v is not %v", err, ErrHandover)
	}
	if err := s.Send(soon(t), 7); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Recv(soon(t)); n != 7 || err != nil {
		t.Errorf("after that, %d comes through it, %v", n, err)
	}
}

// Memory that was closed too early is an error that says so, of the pool and not
// of a worker.
func TestWhatAnInitializerSharesIsClosedAfterThePool(t *testing.T) {
	dir := scratch(t) // which counts as a file that is left
	leavesNothing(t)
	w := newWorkshop(t, dir, 1)
	init := inWorkshop.With(w)
	if err := w.Memory.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := NewPool(soon(t), PoolOptions{Workers: 1, Initializer: init})
	says(t, "closed before the pool", err, "close it when the pool is over")
	if !errors.Is(err, ErrClosed) {
		t.Errorf("%v is not %v", err, ErrClosed)
	}
	_, err = NewPool(soon(t), PoolOptions{Workers: 1, Initializer: inWorkshop.With(w)})
	if !errors.Is(err, ErrClosed) {
		t.Errorf("closed before With: %v", err)
	}
}
