package multiproc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// whoIsIt tells about the process that it runs in.
var whoIsIt = Func("whoIsIt", func(_ context.Context, say string) (string, error) {
	fmt.Print(say)
	return fmt.Sprintf("%s of %s, %s", CurrentProcess().Name(), ParentProcess().Name(), os.Getenv("SPARE")), nil
})

// newSpares makes spares that are ready.
func newSpares(t *testing.T, n int, o Options) *Spares {
	t.Helper()
	s, err := NewSpares(n, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	awaitSpares(t, s)
	return s
}

func awaitSpares(t *testing.T, s *Spares) {
	t.Helper()
	if err := s.Wait(soon(t)); err != nil {
		t.Fatal(err)
	}
}

// killSpares kills those that there are.
func killSpares(t *testing.T, s *Spares) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for v := range s.vessels {
		if err := v.proc.Kill(); err != nil {
			t.Error(err)
		}
	}
}

// What others suffer: spawn costs 50 ms and more. A child from a spare finds its
// process started, and says so; one that finds none says that, too.
func TestAChildFromASpareIsWarm(t *testing.T) {
	leavesNothing(t)
	var said bytes.Buffer
	s := newSpares(t, 2, Options{Env: []string{"SPARE=kept"}, Stdout: &said})
	held := s.pids()
	p := mustStart(t, whoIsIt, "hello", Options{Name: "eve", Spares: s})
	if !p.Warm() || !slices.Contains(held, p.PID()) {
		t.Errorf("process %d is warm: %t; the spares were %d", p.PID(), p.Warm(), held)
	}
	if got, err := p.Join(soon(t)); got != "eve of main, kept" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if said.String() != "hello" {
		t.Errorf("it wrote %q", &said)
	}
	if code, ok := p.ExitCode(); code != 0 || !ok {
		t.Errorf("exit status %d, %t", code, ok)
	}
	awaitSpares(t, s) // the one that was taken is replaced
	if s.Ready() != 2 || slices.Contains(s.pids(), p.PID()) {
		t.Errorf("%d are ready: %d", s.Ready(), s.pids())
	}
	if cold := mustStart(t, square, 3, Options{}); cold.Warm() {
		t.Error("a child that was started cold is warm")
	}
}

func (s *Spares) pids() (pids []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for v := range s.vessels {
		pids = append(pids, v.proc.Pid)
	}
	return pids
}

// Of many starts at once, those beyond the number of spares are cold.
func TestMoreChildrenThanSpares(t *testing.T) {
	leavesNothing(t)
	s := newSpares(t, 2, Options{Env: []string{"SPARE=kept"}})
	var all sync.WaitGroup
	var mu sync.Mutex
	warm := 0
	for i := range 10 {
		all.Go(func() {
			p, err := whoIsIt.Start("", Options{Name: strconv.Itoa(i), Spares: s})
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := p.Join(soon(t)); got != strconv.Itoa(i)+" of main, kept" || err != nil {
				t.Errorf("%s, %v", got, err)
			}
			mu.Lock()
			defer mu.Unlock()
			if p.Warm() {
				warm++
			}
		})
	}
	all.Wait()
	if warm < 2 {
		t.Errorf("%d children were warm, want 2 or more", warm)
	}
}

// What an argument is bound to gets to a process that was started before it.
func TestASpareGetsTheFilesOfItsArgument(t *testing.T) {
	leavesNothing(t)
	s := newSpares(t, 1, Options{})
	a := actIn(t, play{}, Options{Spares: s})
	if !a.Warm() {
		t.Error("it is not warm")
	}
	m, err := NewSharedMemory(100)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	awaitSpares(t, s)
	files := manyFiles{Memory: m}
	for range 20 {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close() // it is only lent
		files.Files = append(files.Files, File{f})
	}
	p := mustStart(t, countFiles, files, Options{Spares: s})
	if got, err := p.Join(soon(t)); got != 20 || err != nil || !p.Warm() || m.Bytes()[7] != 42 {
		t.Errorf("%d, %v, warm: %t, byte %d", got, err, p.Warm(), m.Bytes()[7])
	}
}

// Files that cannot be sent to a spare do not cost any: a cold start takes them.
func TestMoreFilesThanASpareCanGet(t *testing.T) {
	if mostMail > 1000 {
		t.Skip("a spare gets any number of files here")
	}
	leavesNothing(t)
	s := newSpares(t, 2, Options{})
	held := s.pids()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close() // it is only lent
	m, err := NewSharedMemory(100)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	files := manyFiles{Memory: m, Files: slices.Repeat([]File{{null}}, mostMail)} // and one for the memory
	p := mustStart(t, countFiles, files, Options{Spares: s})
	if got, err := p.Join(soon(t)); got != mostMail || err != nil || p.Warm() {
		t.Errorf("%d, %v, warm: %t", got, err, p.Warm())
	}
	if now := s.pids(); !sameSet(now, held) {
		t.Errorf("the spares were %d, and are %d", held, now)
	}
}

// An argument that nobody can be sent costs one spare at most.
func TestAClosedFileCostsOneSpareAtMost(t *testing.T) {
	leavesNothing(t)
	s := newSpares(t, 4, Options{})
	held := s.pids()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if err := null.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := countFiles.Start(manyFiles{Files: []File{{null}}}, Options{Spares: s}); err == nil || !strings.Contains(err.Error(), "closed file") {
		t.Errorf("%v", err)
	}
	awaitSpares(t, s)
	now := s.pids()
	if left := slices.DeleteFunc(held, func(pid int) bool { return !slices.Contains(now, pid) }); len(left) < 3 {
		t.Errorf("of 4 spares only %d are left", left)
	}
}

func sameSet(a, b []int) bool {
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

type manyFiles struct {
	Files  []File
	Memory *SharedMemory
}

// countFiles returns how many of the files can be looked at, and leaves a mark in
// the memory.
var countFiles = Func("countFiles", func(_ context.Context, m manyFiles) (n int, err error) {
	for _, f := range m.Files {
		if _, err := f.Stat(); err != nil {
			return 0, err
		}
		n++
		_ = f.Close() // it was only looked at
	}
	m.Memory.Bytes()[7] = 42
	return n, m.Memory.Close()
})

// A spare that dies is replaced.
func TestADeadSpareIsReplaced(t *testing.T) {
	leavesNothing(t)
	s := newSpares(t, 2, Options{})
	dead := s.pids()
	killSpares(t, s)
	eventually(t, "replaced", func() bool {
		return !slices.ContainsFunc(s.pids(), func(pid int) bool { return slices.Contains(dead, pid) })
	})
	awaitSpares(t, s)
	p := mustStart(t, square, 7, Options{Spares: s})
	if got, err := p.Join(soon(t)); got != 49 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
}

// refuse is a variable with which the test binary ends instead of being a child.
const refuse = "MULTIPROC_TEST_REFUSE"

// Spares that cannot be had do not keep anybody from starting a child, who finds
// out why it does not start.
func TestSparesThatCannotBeHad(t *testing.T) {
	leavesNothing(t)
	s, err := NewSpares(2, Options{Env: []string{refuse + "=yes"}, Stderr: nowhere(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(soon(t)); err == nil || !strings.Contains(err.Error(), "exit status 9") {
		t.Errorf("%v", err)
	}
	p, err := square.Start(2, Options{Spares: s})
	if err == nil {
		_, err = p.Join(soon(t))
	}
	if err == nil || !strings.Contains(err.Error(), "exit status 9") {
		t.Errorf("a child: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestClosedSparesGiveNoChildren(t *testing.T) {
	leavesNothing(t)
	s := newSpares(t, 2, Options{})
	taken := mustStart(t, square, 5, Options{Spares: s})
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if got, err := taken.Join(soon(t)); got != 25 || err != nil {
		t.Errorf("the child that was taken before: %d, %v", got, err)
	}
	if _, err := square.Start(5, Options{Spares: s}); !errors.Is(err, ErrSparesClosed) {
		t.Errorf("a child after that: %v", err)
	}
	if err := s.Wait(soon(t)); !errors.Is(err, ErrSparesClosed) {
		t.Errorf("waiting after that: %v", err)
	}
	if n := s.Ready(); n != 0 {
		t.Errorf("%d are ready", n)
	}
}

func TestWaitingForSparesEndsWithItsContext(t *testing.T) {
	s, err := NewSpares(1, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.mu.Lock()
	s.most = 1 << 20 // never
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	waited := make(chan error)
	go func() { waited <- s.Wait(ctx) }()
	cancel()
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	s.mu.Lock()
	s.most = 1
	s.mu.Unlock()
}

func TestOptionsOfSpares(t *testing.T) {
	for want, o := range map[string]Options{
		"options of each child": {Name: "eve"},
		"not of spares":         {Daemon: true},
		"messages of up to 1 ":  {MaxMessage: 1},
	} {
		if _, err := NewSpares(1, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for _, n := range []int{-1, 0, mostWorkers + 1} {
		if _, err := NewSpares(n, Options{}); err == nil || !strings.Contains(err.Error(), "want at least 1") {
			t.Errorf("%d: %v", n, err)
		}
	}
	var none *Spares
	zero := new(Spares)
	for _, s := range []*Spares{none, zero} {
		if err := errors.Join(s.Wait(soon(t)), s.Close()); !errors.Is(err, errZeroSpares) || s.Ready() != 0 {
			t.Errorf("%v", err)
		}
	}
	if _, err := square.Start(1, Options{Spares: zero}); !errors.Is(err, errZeroSpares) {
		t.Errorf("%v", err)
	}
	if _, err := square.Start(1, Options{Spares: zero, Env: []string{"A=b"}}); err == nil || !strings.Contains(err.Error(), "give those to NewSpares") {
		t.Errorf("%v", err)
	}
}

// Spares that could not be had, for a while, are had when one is wanted, or when
// another one has shown that they can be.
func TestSparesComeBackAfterAShortage(t *testing.T) {
	leavesNothing(t)
	s := newSpares(t, 2, Options{})
	short := func(is bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.options.CPUs = nil
		if is {
			s.options.CPUs = []int{1 << 20} // which nobody has
		}
	}
	loseOne := func() (left *vessel) {
		short(true)
		s.mu.Lock()
		var lost *vessel
		for v := range s.vessels {
			lost, left = v, lost
		}
		s.mu.Unlock()
		if err := lost.proc.Kill(); err != nil {
			t.Error(err)
		}
		eventually(t, "given up", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.isHopeless() && s.starting == 0
		})
		return left
	}
	loseOne()
	if err := s.Wait(soon(t)); err == nil || !strings.Contains(err.Error(), "start spare processes: ") {
		t.Errorf("during the shortage: %v", err)
	}
	short(false)
	awaitSpares(t, s)
	left := loseOne()
	short(false)
	s.isReady(left)
	eventually(t, "all there, without being asked for", func() bool { return s.Ready() == 2 })
}

// What a program does to its variables after NewSpares is not what spares have.
func TestSparesKeepWhatTheyWereMadeWith(t *testing.T) {
	leavesNothing(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	env := []string{"SPARE=kept"}
	s := newSpares(t, 1, Options{Env: env})
	env[0] = "SPARE=changed"
	stdout := os.Stdout
	os.Stdout = w // as a test does that captures what it prints
	p := mustStart(t, whoIsIt, "", Options{Name: "eve", Spares: s})
	awaitSpares(t, s)
	os.Stdout = stdout
	if got, err := p.Join(soon(t)); got != "eve of main, kept" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if b, err := io.ReadAll(r); len(b) > 0 || err != nil { // which would not end
		t.Errorf("%q, %v", b, err)
	}
	p = mustStart(t, whoIsIt, "", Options{Name: "eve", Spares: s})
	if got, err := p.Join(soon(t)); got != "eve of main, kept" || err != nil {
		t.Errorf("of the one that came later: %q, %v", got, err)
	}
}

// A writer that is slow to take what spares have written holds up nobody.
func TestSparesEndWhateverTheirWriterDoes(t *testing.T) {
	leavesNothing(t)
	out, stuck := io.Pipe()
	defer out.Close()
	s := newSpares(t, 1, Options{Env: []string{"GODEBUG=inittrace=1"}, Stderr: stuck}) // has the runtime write
	dead := s.pids()
	killSpares(t, s)
	eventually(t, "replaced", func() bool { return s.Ready() == 1 && !slices.Equal(s.pids(), dead) })
	KillChildren()
	if s.Ready() != 0 {
		t.Errorf("%d are ready", s.Ready())
	}
}

// What is wrong with a start is found out before it costs a spare.
func TestAStartThatFailsCostsNoSpare(t *testing.T) {
	leavesNothing(t)
	s := newSpares(t, 2, Options{MaxMessage: smallestMessage})
	held := s.pids()
	if _, err := whoIsIt.Start(strings.Repeat("x", 2*smallestMessage), Options{Spares: s}); err == nil {
		t.Error("a message over the limit is no error")
	}
	if now := s.pids(); !sameSet(now, held) {
		t.Errorf("the spares were %d, and are %d", held, now)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close() // it is only lent
	if _, err := countFiles.Start(manyFiles{Files: slices.Repeat([]File{{null}}, 300)}, Options{Spares: s}); !errors.Is(err, ErrSparesClosed) {
		t.Errorf("many files, of closed spares: %v", err)
	}
}

// Spares that die again and again are not started for ever.
func TestSparesThatDieWhenReady(t *testing.T) {
	leavesNothing(t)
	s := newSpares(t, 1, Options{})
	for i := range s.most + failedStarts {
		eventually(t, "ready", func() bool { return s.Ready() == 1 })
		killSpares(t, s)
		eventually(t, "missed", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.died == i+1
		})
	}
	s.mu.Lock()
	n := len(s.vessels) + s.starting
	s.mu.Unlock()
	if n != 0 {
		t.Errorf("%d are there, or being started", n)
	}
	awaitSpares(t, s) // which wants them
}
