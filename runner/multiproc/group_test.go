package multiproc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// lingerEnv has this test binary be a program that knows nothing of multiproc
// and goes on until it is killed, or until its stdin ends if it is "stdin".
const lingerEnv = "GVP_TEST_LINGER"

func TestLinger(t *testing.T) {
	switch os.Getenv(lingerEnv) {
	case "":
		t.Skip("a program that other tests start")
	case "stdin":
		_, _ = io.Copy(io.Discard, os.Stdin)
	default:
		time.Sleep(time.Hour)
	}
}

// lingerer is a program that lingers. It has this process's stdout: who reads
// that sees its end when the last one that has it is gone.
func lingerer(how string) (*exec.Cmd, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(context.Background(), exe, "-test.run=^TestLinger$")
	cmd.Env = append(os.Environ(), lingerEnv+"="+how)
	cmd.Stdout = os.Stdout
	return cmd, nil
}

// abandoning starts such a program, says so, and then returns, or waits, or runs
// itself in another child.
var abandoning = Func("abandoning", func(ctx context.Context, how string) (int, error) {
	if how == "nested" {
		p, err := abandoningAgain.Start("wait", Options{})
		if err != nil {
			return 0, err
		}
		return p.Join(ctx)
	}
	cmd, err := lingerer("for ever")
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	fmt.Println("up", os.Getpid())
	if how == "wait" {
		<-make(chan int)
	}
	return cmd.Process.Pid, nil
})

var abandoningAgain = Function[string, int]{name: "abandoning"} // Go has no other way to name it in itself

// A watch sees what the processes that have its file write, and the end of the
// last one.
type watch struct {
	file  *os.File // for the processes; closed by seesTheEnd
	lines chan string
}

func newWatch(t *testing.T) *watch {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(r); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return &watch{w, lines}
}

// line returns the next line with something in it.
func (w *watch) line(t *testing.T, with string) string {
	t.Helper()
	for {
		select {
		case l, ok := <-w.lines:
			if !ok {
				t.Fatalf("the end has come, without %q", with)
			}
			if strings.Contains(l, with) {
				return l
			}
		case <-soon(t).Done():
			t.Fatalf("nobody says %q", with)
		}
	}
}

func (w *watch) seesTheEnd(t *testing.T) {
	t.Helper()
	_ = w.file.Close() // or it is closed
	for {
		select {
		case _, more := <-w.lines:
			if !more {
				return
			}
		case <-soon(t).Done():
			t.Fatal("a process lives on")
		}
	}
}

func TestWhatATaskRunsEndsWithItsWorker(t *testing.T) {
	t.Run("time-out", func(t *testing.T) {
		w := newWatch(t)
		p := newPool(t, PoolOptions{Workers: 1, Stdout: w.file, TaskTimeout: 2 * time.Second}) // enough to start it, mostly
		if _, err := Apply(soon(t), p, abandoning, "wait"); !errors.Is(err, ErrTaskTimeout) {
			t.Error(err)
		}
		p.Close()
		if err := p.Join(soon(t)); err != nil { // no worker is started any more that gets the file
			t.Error(err)
		}
		w.seesTheEnd(t)
	})
	t.Run("Terminate", func(t *testing.T) {
		w := newWatch(t)
		p := newPool(t, PoolOptions{Workers: 1, Stdout: w.file})
		_ = ApplyAsync(p, abandoning, "wait")
		w.line(t, "up")
		p.Terminate()
		if err := p.Join(soon(t)); err != nil {
			t.Error(err)
		}
		w.seesTheEnd(t)
	})
}

func TestWhatAChildLeavesBehindEndsWithIt(t *testing.T) {
	for _, how := range []string{"return", "wait", "nested"} {
		t.Run(how, func(t *testing.T) {
			w := newWatch(t)
			p := mustStart(t, abandoning, how, Options{Stdout: w.file})
			w.line(t, "up")
			if how != "return" {
				if err := p.Kill(); err != nil {
					t.Error(err)
				}
			}
			w.seesTheEnd(t)
		})
	}
}

// motherly runs a child beside a program, and then looks after the program.
var motherly = Func("motherly", func(ctx context.Context, n int) (bool, error) {
	cmd, err := lingerer("stdin")
	if err != nil {
		return false, err
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return false, err
	}
	if err := cmd.Start(); err != nil {
		return false, err
	}
	p, err := square.Start(n, Options{})
	if err != nil {
		return false, err
	}
	if _, err := p.Join(ctx); err != nil {
		return false, err
	}
	if err := stdin.Close(); err != nil {
		return false, err
	}
	return true, cmd.Wait() // it was not killed
})

func TestTheEndOfANestedChildIsItsOwn(t *testing.T) {
	if _, err := mustStart(t, motherly, 1, Options{}).Join(soon(t)); err != nil {
		t.Error(err)
	}
}

// hostEnv has this test binary be a program that uses multiproc.
const hostEnv = "GVP_TEST_HOST"

func TestHost(t *testing.T) {
	how := os.Getenv(hostEnv)
	switch how {
	case "":
		t.Skip("a program that other tests start")
	case "Ctrl-C":
		hostThatIsInterrupted(t)
		return
	case "spares":
		newSpares(t, 2, Options{})
		fmt.Println("up")
		<-t.Context().Done()
		return
	}
	_, err := mustStart(t, abandoning, how, Options{}).Join(t.Context())
	t.Error(err)
}

// startHost starts that program, which writes to w.
func startHost(t *testing.T, how string, w *watch) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestHost$")
	cmd.Env = append(os.Environ(), hostEnv+"="+how)
	cmd.Stdout, cmd.Stderr = w.file, os.Stderr
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	return cmd
}

func TestEverythingEndsWithAParentThatIsKilled(t *testing.T) {
	for _, how := range []string{"wait", "nested", "spares"} {
		t.Run(how, func(t *testing.T) {
			w := newWatch(t)
			host := startHost(t, how, w)
			w.line(t, "up")
			if err := host.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			w.seesTheEnd(t)
		})
	}
}
