package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// noGuard has this test binary start a child before it calls Main.
const noGuard = "GVP_TEST_NO_GUARD"

var (
	square = Func("square", func(_ context.Context, n int) (int, error) { return n * n, nil })
	fail   = Func("fail", func(_ context.Context, text string) (int, error) { return 0, errors.New(text) })
	blowUp = Func("blowUp", func(_ context.Context, text string) (int, error) { panic(text) })
	exit   = Func("exit", func(_ context.Context, status int) (int, error) {
		os.Exit(status)
		return 0, nil
	})
	getenv = Func("getenv", func(_ context.Context, key string) (string, error) { return os.Getenv(key), nil })
	pid    = Func("pid", func(_ context.Context, _ struct{}) (int, error) { return os.Getpid(), nil })
	echo   = Func("echo", serveEcho)

	// nested starts a child of its own and answers with that one's answer.
	nested = Func("nested", func(ctx context.Context, n int) (int, error) {
		p, err := square.Start(n, Options{})
		if err != nil {
			return 0, err
		}
		return p.Join(ctx)
	})
)

// serveEcho sends back what it receives, until there is no more.
func serveEcho(ctx context.Context, c *Connection) (int, error) {
	for n := 0; ; n++ {
		msg, err := c.Recv(ctx)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if err := c.Send(ctx, msg); err != nil {
			return n, err
		}
	}
}

func TestMain(m *testing.M) {
	if os.Getenv(noGuard) != "" && os.Getenv(childEnv) == "" {
		_, err := square.Start(2, Options{})
		fmt.Println(err)
		os.Exit(0)
	}
	if os.Getenv(refuse) != "" {
		os.Exit(9)
	}
	Main()
	if err := foundFamily(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	status := m.Run()
	if left := leftovers(); left != "" && status == 0 {
		fmt.Println("the tests leave", left)
		status = 1
	}
	os.Exit(status)
}

// leftovers says what the tests have not cleaned up.
func leftovers() string {
	if n := home.Len(); n > 0 {
		return fmt.Sprint(n, " objects in the hub")
	}
	if n := len(spares.all()); n > 0 {
		return fmt.Sprint(n, " sets of spares")
	}
	if all := ActiveChildren(); len(all) > 0 {
		return fmt.Sprint(len(all), " children, one of them ", all[0].Name())
	}
	return ""
}

func mustStart[A, R any](t *testing.T, f Function[A, R], arg A, o Options) *Process[R] {
	t.Helper()
	p, err := f.Start(arg, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Kill(); <-p.Ended() })
	return p
}

func TestAFunctionRunsInAProcessOfItsOwn(t *testing.T) {
	p := mustStart(t, pid, struct{}{}, Options{})
	got, err := p.Join(t.Context())
	if err != nil || got != p.PID() || got == os.Getpid() {
		t.Errorf("pid %d, %v; want %d", got, err, p.PID())
	}
	if s := p.State(); s == nil || !s.Success() {
		t.Errorf("state %v, want success", s)
	}
}

func TestResultsAndErrorsTravel(t *testing.T) {
	if n, err := mustStart(t, square, 7, Options{}).Join(t.Context()); n != 49 || err != nil {
		t.Errorf("square = %d, %v", n, err)
	}
	if n, err := mustStart(t, nested, 7, Options{}).Join(t.Context()); n != 49 || err != nil {
		t.Errorf("nested = %d, %v", n, err)
	}
	var remote *Error
	_, err := mustStart(t, fail, "no good", Options{}).Join(t.Context())
	if !errors.As(err, &remote) || remote.Message != "no good" || remote.Stack != "" {
		t.Errorf("error %#v", err)
	}
	_, err = mustStart(t, blowUp, "ouch", Options{}).Join(t.Context())
	if !errors.As(err, &remote) || remote.Message != "panic: ouch" || !strings.Contains(remote.Stack, "process_test.go") {
		t.Errorf("panic arrives as %#v", err)
	}
	_, err = mustStart(t, exit, 7, Options{}).Join(t.Context())
	if err == nil || errors.As(err, &remote) || !strings.Contains(err.Error(), "exit status 7") {
		t.Errorf("exit arrives as %v", err)
	}
}

func TestJoinGivesUpWithItsContext(t *testing.T) {
	_, there, err := BytePipe()
	if err != nil {
		t.Fatal(err)
	}
	p := mustStart(t, echo, there, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Join(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if p.State() != nil {
		t.Error("a living process has a state")
	}
}

func TestTheLastValueOfAVariableCounts(t *testing.T) {
	t.Setenv("GVP_TEST_KEY", "parent")
	p := mustStart(t, getenv, "GVP_TEST_KEY", Options{Env: []string{"GVP_TEST_KEY=child"}})
	if v, err := p.Join(t.Context()); v != "child" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
}

func TestMessagesKeepTheirBoundaries(t *testing.T) {
	here, there, err := BytePipe()
	if err != nil {
		t.Fatal(err)
	}
	p := mustStart(t, echo, there, Options{})
	for _, size := range []int{0, 1, 4095, 4096, 5000, 1 << 20} {
		msg := []byte(strings.Repeat("x", size))
		sent := make(chan error)
		go func() { sent <- here.Send(t.Context(), msg) }() // a large one fills the pipe
		got, err := here.Recv(t.Context())
		if err != nil || string(got) != string(msg) {
			t.Errorf("%d bytes came back as %d, %v", size, len(got), err)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
	if err := here.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Join(t.Context()); n != 6 || err != nil {
		t.Errorf("the child saw %d messages, %v", n, err)
	}
}

func TestTooLargeAMessageIsRefused(t *testing.T) {
	here, there, err := streamPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	defer there.Close()
	if err := here.Send(t.Context(), make([]byte, wire.Limit+1)); err == nil {
		t.Error("it was sent")
	}
	if _, err := writeRaw(there, []byte{255, 255, 255, 255}); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Recv(t.Context()); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("error %v", err)
	}
}

func TestPyNoforkbomb(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), noGuard+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "the guard is missing") {
		t.Errorf("%q, %v", out, err)
	}
}

func TestKillChildrenEndsThemAll(t *testing.T) {
	var ps []*Process[int]
	for range 3 {
		here, there, err := BytePipe()
		if err != nil {
			t.Fatal(err)
		}
		defer here.Close()
		ps = append(ps, mustStart(t, echo, there, Options{}))
	}
	KillChildren()
	for _, p := range ps {
		select {
		case <-p.Ended():
		case <-time.After(time.Minute):
			t.Fatalf("process %d lives on", p.PID())
		}
	}
}
