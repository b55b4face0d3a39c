package managers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/connection"
)

func TestMain(m *testing.M) {
	multiproc.Main()
	before := folders()
	status := m.Run()
	if left := leftovers(before); left != "" && status == 0 {
		fmt.Println("the tests leave", left)
		status = 1
	}
	os.Exit(status)
}

// folders returns the private folders of sockets.
func folders() map[string]bool {
	all := map[string]bool{}
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), "gvp-multiproc-*"))
	for _, dir := range dirs {
		all[dir] = true
	}
	return all
}

// leftovers says what the tests have not cleaned up. What is ending gets a
// minute for it.
func leftovers(before map[string]bool) string {
	var left string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if left = leftNow(before); left == "" {
			return ""
		}
	}
	return left
}

func leftNow(before map[string]bool) string {
	if all := multiproc.ActiveChildren(); len(all) > 0 {
		return fmt.Sprint(len(all), " children, one of them ", all[0].Name())
	}
	for dir := range folders() {
		if !before[dir] && own(dir) {
			return "the folder " + dir
		}
	}
	connected.mu.Lock()
	n := len(connected.of)
	connected.mu.Unlock()
	if n > 0 {
		return fmt.Sprint("connections to ", n, " servers")
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for g := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(g, "managers.(*") || strings.Contains(g, "connection.(*") {
			return "a goroutine:\n" + g
		}
	}
	return ""
}

// own tells whether nobody listens in a folder. One in use is that of another
// test run beside this one.
func own(dir string) bool {
	c, err := connection.Dial(context.Background(), "unix", filepath.Join(dir, "socket"), connection.Options{NoAuth: true, AuthTimeout: time.Second})
	if err == nil {
		_ = c.Close()
	}
	return err != nil
}

// overBoth runs a test with a manager at a unix socket and with one over TLS.
func overBoth(t *testing.T, test func(t *testing.T, m *Manager)) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) { test(t, begin(t, Options{Network: network})) })
	}
}

// noWait keeps the race detector from sleeping for a second at the end of each
// process.
const noWait = "GORACE=atexit_sleep_ms=0"

// begin starts a manager until the end of the test.
func begin(t *testing.T, o Options) *Manager {
	t.Helper()
	if o.Network == "unix" && !unixSockets() {
		t.Skip("this Windows has no unix sockets")
	}
	o.Process.Env = append(o.Process.Env, noWait)
	m, err := Start(soon(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := m.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return m
}

// another connects to the same server a second time.
func another(t *testing.T, m *Manager) *Manager {
	t.Helper()
	o := connection.Options{}
	if m.Network() == "tcp" {
		o.TLS = sealed()
	}
	other, err := Connect(soon(t), m.Network(), m.Address(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	return other
}

// soon is a context that ends when something hangs.
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// brief is one that ends before anything comes that is not there.
func brief(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// run runs a function in a child and waits for its result.
func run[A, R any](t *testing.T, f multiproc.Function[A, R], arg A) R {
	t.Helper()
	p := launch(t, f, arg)
	r, err := p.Join(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// launch starts a child until the end of the test.
func launch[A, R any](t *testing.T, f multiproc.Function[A, R], arg A) *multiproc.Process[R] {
	t.Helper()
	p, err := f.Start(arg, multiproc.Options{Env: []string{noWait}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Kill(); <-p.Ended() })
	return p
}

// got fails the test if there is an error.
func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// check compares a result with what it should be.
func check[T comparable](t *testing.T, what string, v T, err error, want T) {
	t.Helper()
	if v != want || err != nil {
		t.Errorf("%s: %v, %v; want %v", what, v, err, want)
	}
}

// ok fails the test at once if there is an error.
func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
