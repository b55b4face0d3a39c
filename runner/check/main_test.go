package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results/checks"
)

var scratch string // goes with the test process

func TestMain(m *testing.M) {
	if dir := os.Getenv("CHECK_DIR"); dir != "" { // a tool that is going to be killed
		o := Options{Dir: dir, Cache: os.Getenv("CHECK_CACHE"), Out: os.Getenv("CHECK_OUT"), Base: Source{Revision: "v1"}, Packages: []string{"./faulty"}, Bench: "HangsAlone"}
		_, err := Run(context.Background(), o, Hooks{})
		panic(err)
	}
	os.Exit(func() int {
		var err error
		if scratch, err = os.MkdirTemp("", "gvp-check-test-"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(scratch)
		// A repository of the test's own knows nothing of the user's settings.
		for name, value := range map[string]string{
			"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1",
			"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
			// A submodule may come from a folder.
			"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.file.allow", "GIT_CONFIG_VALUE_0": "always",
			"GOFLAGS": "", "GOWORK": "",
		} {
			if err := os.Setenv(name, value); err != nil {
				panic(err)
			}
		}
		return m.Run()
	}())
}

// long skips a test that builds something where tests are to be short.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it builds programs and measures, which takes seconds")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
}

// must runs a program that has to succeed.
func must(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// put writes files, whose names are below dir.
func put(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
}

// commitAll commits all files of a repository and tags the commit.
func commitAll(t testing.TB, dir, tag string) {
	t.Helper()
	must(t, dir, "git", "add", "-A")
	must(t, dir, "git", "commit", "-q", "-m", "about "+tag+"\n\nmore")
	must(t, dir, "git", "tag", tag)
}

const goMod = "module example.com/m\n\ngo 1.24\n"

// fine is a package of benchmarks that work. Its working directory is its own:
// it reads a file there.
const fine = `package m

import (
	"os"
	"testing"
)

var sink int

func work() {
	for i := range 1000 {
		sink += i * i
	}
}

func BenchmarkFast(b *testing.B) {
	for range b.N {
		work()
	}
	if data, err := os.ReadFile("testdata/side"); err != nil || len(data) == 0 {
		b.Fatal("not in its folder", err)
	}
	b.ReportMetric(float64(os.Getpid()), "pid")
}

func BenchmarkSub(b *testing.B) {
	for _, name := range []string{"n=1", "n=1/b(c", "[x|y] z", "size-8"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(8)
			for range b.N {
				work()
			}
		})
	}
}

func BenchmarkOnly%s(b *testing.B) {
	for range b.N {
		work()
	}
}
`

// faulty is a package of benchmarks that do not.
const faulty = `package faulty

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if os.Getenv("FAULTY_STRAY") != "" { // a child that holds the pipe open for ever
		f, err := os.OpenFile(os.Getenv("FAULTY_FIFO"), os.O_WRONLY, 0)
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(f, os.Getpid())
		fmt.Println("up")
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

func loop(b *testing.B) {
	x := 0
	for i := range b.N {
		x += i
	}
	_ = x
}

func onHead() bool {
	data, _ := os.ReadFile("../testdata/side")
	return strings.HasPrefix(string(data), "head")
}

func BenchmarkPanics(b *testing.B) {
	fmt.Fprintln(os.Stderr, "before it")
	panic("oh no")
}

func BenchmarkFails(b *testing.B) { b.Fatal("wrong answer") }

func BenchmarkSkips(b *testing.B) { b.Skip("not here") }

func BenchmarkExits(b *testing.B) { os.Exit(3) }

func BenchmarkGarbage(b *testing.B) {
	fmt.Print("hello\x00 ")
	loop(b)
}

func BenchmarkLater(b *testing.B) { // finds out with more than one iteration
	if b.N > 1 {
		b.Fatal("too many: ", b.N)
	}
}

func BenchmarkNaN(b *testing.B) {
	loop(b)
	b.ReportMetric(math.NaN(), "x")
}

func BenchmarkHeadPanics(b *testing.B) {
	b.Run("first", loop)
	if onHead() {
		// As a panic does, but for sure: when a benchmark panics, testing goes on, and
		// may have come to its end before the process dies of it.
		fmt.Fprintln(os.Stderr, "panic: only here")
		os.Exit(2)
	}
	b.Run("second", loop)
}

func stray() {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "FAULTY_STRAY=1")
	up, err := cmd.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	up.Read(make([]byte, 1))
}

func BenchmarkHangs(b *testing.B) {
	stray()
	time.Sleep(time.Hour)
}

func BenchmarkHangsAlone(b *testing.B) {
	f, err := os.OpenFile(os.Getenv("FAULTY_FIFO"), os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(f, os.Getpid())
	time.Sleep(time.Hour)
}

func BenchmarkOrphans(b *testing.B) {
	if b.N == 1 {
		stray()
	}
	loop(b)
}
`

const codec = `package codec

import "testing"

func BenchmarkEncode(b *testing.B) {
	x := 0
	for i := range b.N {
		x += i
	}
	_ = x
}
`

// sharedRepository is a repository of a module with the tags v1 and v2, where v2
// is checked out; and a cache.
var sharedRepository = sync.OnceValues(func() (dir, cache string) {
	return filepath.Join(scratch, "repo"), filepath.Join(scratch, "cache")
})

var makeRepository sync.Once

func repositoryOf(t *testing.T) (dir, cache string) {
	t.Helper()
	dir, cache = sharedRepository()
	makeRepository.Do(func() {
		put(t, dir, map[string]string{
			"go.mod": goMod, "m.go": "package m\n", "m_test.go": fmt.Sprintf(fine, "Old"), "testdata/side": "base\n",
			"codec/codec_test.go": codec, "faulty/faulty_test.go": faulty, "plain/plain_test.go": "package plain\n",
		})
		must(t, dir, "git", "init", "-q", "-b", "main")
		commitAll(t, dir, "v1")
		put(t, dir, map[string]string{"m_test.go": fmt.Sprintf(fine, "New"), "testdata/side": "head\n"})
		commitAll(t, dir, "v2")
	})
	return dir, cache
}

// options are of a check that takes little time in the shared repository.
func options(t *testing.T) Options {
	dir, cache := repositoryOf(t)
	return Options{
		Dir: dir, Cache: cache, Out: t.TempDir(), Base: Source{Revision: "v1"}, Head: Source{Revision: "v2"},
		Rounds: 2, Target: time.Millisecond, Timeout: 5 * time.Minute, Seed: 7, GOMAXPROCS: 2,
	}
}

// nothingLeft checks that no worktree is left, neither on the disk nor in the
// repository.
func nothingLeft(t *testing.T, dir, cache string) {
	t.Helper()
	if list := must(t, dir, "git", "worktree", "list"); strings.Contains(list, "\n") {
		t.Errorf("worktrees are left:\n%s", list)
	}
	if left, err := filepath.Glob(filepath.Join(cache, treesDir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left in the cache: %v, %v", left, err)
	}
}

// failuresOf returns what failed, by benchmark.
func failuresOf(ss []checks.Sample) map[string][]checks.Failure {
	_, failures := checks.Pairs(ss)
	by := make(map[string][]checks.Failure)
	for _, f := range failures {
		by[f.Benchmark] = append(by[f.Benchmark], f)
	}
	return by
}
