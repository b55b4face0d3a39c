package multiproc

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The tests of this file are named after those of Python's multiprocessing
// that show the same behaviour (Lib/test/_test_multiprocessing.py).

// A whoami is what a child says of itself.
type whoami struct {
	Name, ParentName string
	PID, ParentPID   int
	Daemon           bool
}

var (
	identify = Func("identify", func(context.Context, struct{}) (whoami, error) {
		p := ParentProcess()
		return whoami{CurrentProcess().Name(), p.Name(), CurrentProcess().PID(), p.PID(), CurrentProcess().Daemon()}, nil
	})

	// untilInterrupted says that it is up, and returns why its context ended.
	untilInterrupted = Func("untilInterrupted", func(ctx context.Context, up *Sender[bool]) (string, error) {
		if err := up.Send(ctx, true); err != nil {
			return "", err
		}
		<-ctx.Done()
		return context.Cause(ctx).Error(), nil
	})

	// descend starts depth generations of children and counts them.
	descend = Func("descend", func(ctx context.Context, depth int) (int, error) {
		if depth == 0 {
			return 0, nil
		}
		n := 0
		for range 2 {
			p, err := descendAgain.Start(depth-1, Options{})
			if err != nil {
				return 0, err
			}
			below, err := p.Join(ctx)
			if err != nil {
				return 0, err
			}
			n += 1 + below
		}
		return n, nil
	})
	descendAgain = Function[int, int]{name: "descend"} // Go has no other way to name it in itself

	startOne = Func("startOne", func(context.Context, struct{}) (string, error) {
		_, err := square.Start(1, Options{})
		if err == nil {
			return "", nil
		}
		return err.Error(), nil
	})

	printer = Func("printer", func(_ context.Context, text string) (int, error) {
		_, err := os.Stdout.WriteString(text)
		_, err2 := os.Stderr.WriteString("error: " + text)
		return 0, errors.Join(err, err2)
	})

	closedStdio = Func("closedStdio", func(context.Context, struct{}) (int, error) {
		return 7, errors.Join(os.Stdout.Close(), os.Stderr.Close(), os.Stdin.Close())
	})

	// leaveChild starts a child and returns without joining it.
	leaveChild = Func("leaveChild", func(_ context.Context, a leftChild) (int, error) {
		p, err := touch.Start(a, Options{Daemon: a.Daemon})
		if err != nil {
			return 0, err
		}
		return p.PID(), nil
	})

	// touch waits for its pipe to say so or to close, and writes the file.
	touch = Func("touch", func(ctx context.Context, a leftChild) (int, error) {
		if _, err := a.Go.Recv(ctx); err != nil {
			return 0, err
		}
		return 0, os.WriteFile(a.File, nil, 0o666)
	})
)

type leftChild struct {
	File   string
	Daemon bool
	Go     *Receiver[bool]
}

func TestPyCurrent(t *testing.T) {
	if ParentProcess() != nil || CurrentProcess().Name() != "main" || CurrentProcess().PID() != os.Getpid() {
		t.Errorf("the test is %v, child of %v", CurrentProcess(), ParentProcess())
	}
	p := mustStart(t, identify, struct{}{}, Options{Name: "kid"})
	got, err := p.Join(t.Context())
	if want := (whoami{"kid", "main", p.PID(), os.Getpid(), false}); got != want || err != nil {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestPyDaemonArgument(t *testing.T) {
	for _, daemon := range []bool{false, true} {
		p := mustStart(t, identify, struct{}{}, Options{Daemon: daemon})
		if got, err := p.Join(t.Context()); got.Daemon != daemon || p.Daemon() != daemon || err != nil {
			t.Errorf("daemon %v: child says %v, handle says %v, %v", daemon, got.Daemon, p.Daemon(), err)
		}
		msg, err := mustStart(t, startOne, struct{}{}, Options{Daemon: daemon}).Join(t.Context())
		if strings.Contains(msg, "daemon") != daemon || err != nil {
			t.Errorf("daemon %v: a child of it is %q, %v", daemon, msg, err)
		}
	}
}

// Children that are no daemons are joined when their parent's function has
// returned; daemons are not.
func TestPyChildrenOfAReturnedFunction(t *testing.T) {
	for _, daemon := range []bool{false, true} {
		r, w, err := OneWayPipe[bool]()
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(scratch(t), "touched")
		p := mustStart(t, leaveChild, leftChild{file, daemon, r}, Options{})
		if !daemon {
			if err := w.Send(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := p.Join(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(file); (err == nil) == daemon {
			t.Errorf("daemon %v: the file of the grandchild: %v", daemon, err)
		}
		_ = w.Close()
	}
}

func TestPyTerminate(t *testing.T) { endsFromOutside(t, (*Child).Terminate, terminated) }

func TestPyKill(t *testing.T) { endsFromOutside(t, (*Child).Kill, killed) }

// endsFromOutside ends a child that waits, and asks what is said of its end.
func endsFromOutside(t *testing.T, end func(*Child) error, want int) {
	t.Helper()
	here, there := mustBytePipe(t)
	p := mustStart(t, echo, there, Options{})
	if err := here.Send(soon(t), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Recv(soon(t)); err != nil { // it is up
		t.Fatal(err)
	}
	if code, ok := p.ExitCode(); ok || !p.Alive() {
		t.Errorf("alive %v, exit code %d", p.Alive(), code)
	}
	if err := end(p.Child); err != nil {
		t.Error(err)
	}
	_, err := p.Join(soon(t))
	var exit *ExitError
	if code, ok := p.ExitCode(); !errors.As(err, &exit) || exit.Code != want || code != want || !ok || p.Alive() {
		t.Errorf("%v, exit code %d %v, want %d", err, code, ok, want)
	}
	if err := end(p.Child); err != nil {
		t.Errorf("to an ended process: %v", err)
	}
}

func TestPyInterruptNoHandler(t *testing.T) {
	r, w, err := OneWayPipe[bool]()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := mustStart(t, untilInterrupted, w, Options{})
	if _, err := r.Recv(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Interrupt(); err != nil {
		t.Fatal(err)
	}
	if why, err := p.Join(t.Context()); why != ErrInterrupted.Error() || err != nil {
		t.Errorf("%q, %v", why, err)
	}
}

func TestPyJoinWithZeroOrNegativeTimeout(t *testing.T) {
	_, there, err := BytePipe()
	if err != nil {
		t.Fatal(err)
	}
	p := mustStart(t, echo, there, Options{})
	for _, d := range []time.Duration{0, -time.Hour} {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		if _, err := p.Join(ctx); !errors.Is(err, context.DeadlineExceeded) || !p.Alive() {
			t.Errorf("after %v: %v, alive %v", d, err, p.Alive())
		}
		cancel()
	}
	ended := mustStart(t, square, 3, Options{})
	<-ended.Ended()
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if n, err := ended.Join(ctx); n != 9 || err != nil {
		t.Errorf("of an ended process: %d, %v", n, err)
	}
}

func TestPyActiveChildren(t *testing.T) {
	here, there, err := BytePipe()
	if err != nil {
		t.Fatal(err)
	}
	p := echo.New(there, Options{})
	if slices.Contains(ActiveChildren(), p.Child) {
		t.Error("one that is not started is active")
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(ActiveChildren(), p.Child) {
		t.Error("a started one is not active")
	}
	if err := here.Close(); err != nil {
		t.Fatal(err)
	}
	<-p.Ended()
	if slices.Contains(ActiveChildren(), p.Child) {
		t.Error("one that has ended is active")
	}
}

func TestPyRecursion(t *testing.T) {
	if n, err := mustStart(t, descend, 3, Options{}).Join(t.Context()); n != 14 || err != nil {
		t.Errorf("%d descendants, %v; want 14", n, err)
	}
}

func TestPySentinel(t *testing.T) {
	p := mustStart(t, square, 3, Options{})
	select {
	case <-p.Ended():
	case <-time.After(time.Minute):
		t.Fatal("no end")
	}
	if code, ok := p.ExitCode(); code != 0 || !ok || p.Alive() {
		t.Errorf("exit code %d %v, alive %v", code, ok, p.Alive())
	}
}

func TestPyClose(t *testing.T) {
	here, there, err := BytePipe()
	if err != nil {
		t.Fatal(err)
	}
	p := mustStart(t, echo, there, Options{})
	if err := p.Close(); !errors.Is(err, ErrAlive) {
		t.Errorf("while alive: %v", err)
	}
	_ = here.Close()
	if _, err := p.Join(t.Context()); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := p.Join(t.Context()); !errors.Is(err, ErrProcClosed) {
		t.Errorf("join after close: %v", err)
	}
	if err := p.Start(); !errors.Is(err, ErrProcClosed) {
		t.Errorf("start after close: %v", err)
	}
}

func TestPyProcessNotStartedOrTwice(t *testing.T) {
	p := square.New(3, Options{})
	if p.PID() != 0 || p.Alive() {
		t.Errorf("before start: pid %d, alive %v", p.PID(), p.Alive())
	}
	if _, err := p.Join(t.Context()); !errors.Is(err, ErrNotStarted) {
		t.Errorf("join: %v", err)
	}
	if err := p.Kill(); !errors.Is(err, ErrNotStarted) {
		t.Errorf("kill: %v", err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); !errors.Is(err, ErrStarted) {
		t.Errorf("second start: %v", err)
	}
	if n, err := p.Join(t.Context()); n != 9 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestPyManyProcesses(t *testing.T) {
	n := 100
	if testing.Short() {
		n = 20
	}
	var ps []*Process[int]
	for i := range n {
		ps = append(ps, mustStart(t, square, i, Options{}))
	}
	for i, p := range ps {
		if got, err := p.Join(t.Context()); got != i*i || err != nil {
			t.Errorf("square of %d is %d, %v", i, got, err)
		}
	}
	ps = nil
	for range n {
		here, there, err := BytePipe()
		if err != nil {
			t.Fatal(err)
		}
		defer here.Close()
		ps = append(ps, mustStart(t, echo, there, Options{}))
	}
	for _, p := range ps {
		if err := p.Terminate(); err != nil {
			t.Error(err)
		}
	}
	for _, p := range ps {
		var exit *ExitError
		if _, err := p.Join(t.Context()); !errors.As(err, &exit) || exit.Code != terminated {
			t.Errorf("a terminated one: %v", err)
		}
	}
	if left := ActiveChildren(); len(left) != 0 {
		t.Errorf("%d children are left", len(left))
	}
}

func TestPySysExit(t *testing.T) {
	for _, status := range []int{0, 1, 42} {
		p := mustStart(t, exit, status, Options{})
		_, err := p.Join(t.Context())
		var ended *ExitError
		if code, ok := p.ExitCode(); !errors.As(err, &ended) || ended.Code != status || code != status || !ok {
			t.Errorf("exit %d arrives as %v, code %d", status, err, code)
		}
	}
}

func TestPyErrorOnStdioFlush(t *testing.T) {
	if n, err := mustStart(t, closedStdio, struct{}{}, Options{}).Join(t.Context()); n != 7 || err != nil {
		t.Errorf("a child without stdio: %d, %v", n, err)
	}
}

// There is a writer that fails: the child's output must not keep it from
// ending.
func TestOutputIsCaptured(t *testing.T) {
	var out, errs bytes.Buffer
	text := strings.Repeat("0123456789", 20000) // more than a pipe holds
	p := mustStart(t, printer, text, Options{Stdout: &out, Stderr: &errs})
	if _, err := p.Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out.String() != text || errs.String() != "error: "+text {
		t.Errorf("%d and %d bytes of output", out.Len(), errs.Len())
	}
	file, err := os.Create(filepath.Join(scratch(t), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := mustStart(t, printer, "to a file", Options{Stdout: file, Stderr: file}).Join(t.Context()); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(file.Name()); string(b) != "to a fileerror: to a file" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	p = mustStart(t, printer, text, Options{Stdout: brokenWriter{}, Stderr: brokenWriter{}})
	if _, err := p.Join(t.Context()); err != nil && !strings.Contains(err.Error(), "pipe") {
		t.Errorf("with a writer that fails: %v", err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestArgumentsThatCannotTravelAreErrors(t *testing.T) {
	if _, err := unfit.Start(make(chan int), Options{}); err == nil || !strings.Contains(err.Error(), "chan int") {
		t.Errorf("a channel: %v", err)
	}
	if _, err := hidden.Start(secret{1}, Options{}); err == nil || !strings.Contains(err.Error(), "not exported") {
		t.Errorf("an unexported field: %v", err)
	}
}

type secret struct{ text any }

var (
	unfit  = Func("unfit", func(context.Context, chan int) (int, error) { return 0, nil })
	hidden = Func("hidden", func(context.Context, secret) (int, error) { return 0, nil })
)

func TestConnectionsMoveWithTheArgument(t *testing.T) {
	_, there, err := BytePipe()
	if err != nil {
		t.Fatal(err)
	}
	mustStart(t, echo, there, Options{})
	if _, err := echo.Start(there, Options{}); !errors.Is(err, ErrMoved) {
		t.Errorf("a second time: %v", err)
	}
	if err := there.Close(); err != nil {
		t.Errorf("closing what has moved: %v", err)
	}
}
