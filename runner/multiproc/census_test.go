package multiproc

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// familyEnv marks the process of the tests and whatever descends from it: the
// environment is inherited, also by a process whose parent is gone. It holds the
// ids of the processes of tests that it descends from, each with a slash behind.
const familyEnv = "GVP_TEST_FAMILY"

// foundFamily marks all that this process will start. Under the race detector
// each of them would sleep for a second at its end.
func foundFamily() error {
	if os.Getenv("GORACE") == "" {
		if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
			return err
		}
	}
	return os.Setenv(familyEnv, os.Getenv(familyEnv)+strconv.Itoa(os.Getpid())+"/")
}

// testsPID is the id of the process of the tests, in a child as well.
func testsPID() string {
	all := strings.Split(os.Getenv(familyEnv), "/")
	return all[max(0, len(all)-2)]
}

// A census is what a process holds of the system.
type census struct {
	children    int // processes, zombies included where the system shows them
	family      int // descendants, wherever they are by now; Linux
	descriptors int // Linux
	goroutines  int
	hub         int // shared objects
	trunks      int // pairs of rings of trunks
	segments    int // named shared memory; Linux
	temporary   int // files
}

// takeCensus counts.
func takeCensus() (c census, err error) {
	entries, err := os.ReadDir(os.TempDir())
	if err != nil {
		return c, err
	}
	c = census{
		children: len(ActiveChildren()), goroutines: runtime.NumGoroutine(),
		hub: home.Len(), trunks: ownTrunks().Len(), temporary: len(entries),
	}
	return c, c.countSystem()
}

// more says what there is more of than there was.
func (c census) more(before census) (what []string) {
	for _, n := range []struct {
		name       string
		now, until int
	}{
		{"children", c.children, before.children},
		{"descendants", c.family, before.family},
		{"descriptors", c.descriptors, before.descriptors},
		{"goroutines", c.goroutines, before.goroutines},
		{"shared objects", c.hub, before.hub},
		{"rings of trunks", c.trunks, before.trunks},
		{"segments of shared memory", c.segments, before.segments},
		{"temporary files", c.temporary, before.temporary},
	} {
		if n.now > n.until {
			what = append(what, fmt.Sprintf("%d %s, were %d", n.now, n.name, n.until))
		}
	}
	return what
}

// leavesNothing has the test fail if it leaves more than it has found.
func leavesNothing(t *testing.T) {
	t.Helper()
	dir := scratch(t)
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} { // of Unix, and of Windows
		t.Setenv(name, dir)
	}
	// What stays until the end of the process: the starting thread, the tracker.
	if _, err := mustStart(t, square, 1, Options{}).Join(soon(t)); err != nil {
		t.Fatal(err)
	}
	m, err := CreateSharedMemory(ownName(t)+"-first", 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if err := m.Unlink(); err != nil {
		t.Error(err)
	}
	before := settledCensus(t)
	t.Cleanup(func() {
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			after, err := takeCensus()
			if err != nil {
				t.Fatal(err)
			}
			left := after.more(before)
			if len(left) == 0 {
				return
			}
			if time.Now().After(deadline) { // what has been told to end may take a moment
				t.Fatalf("left: %s", strings.Join(left, "; "))
			}
		}
	})
}

// settledCensus counts until the count stays the same: goroutines that have
// told of their end may take a moment for it.
func settledCensus(t *testing.T) census {
	t.Helper()
	var last census
	for deadline, same := time.Now().Add(20*time.Second), 0; ; time.Sleep(5 * time.Millisecond) {
		c, err := takeCensus()
		if err != nil {
			t.Fatal(err)
		}
		if c != last {
			same = 0
		}
		if same, last = same+1, c; same > 20 || time.Now().After(deadline) {
			return c
		}
	}
}

// The census is worth what it finds.
func TestTheCensusFindsWhatIsLeft(t *testing.T) {
	before := settledCensus(t)
	here, there, err := BytePipe()
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	p := mustStart(t, echo, there, Options{})
	defer NewLock().Close()
	m := mustCreate(t, ownName(t), 10)
	f, err := os.Create(filepath.Join(os.TempDir(), "left-by-a-test-"+testsPID()))
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	after, err := takeCensus()
	if err != nil {
		t.Fatal(err)
	}
	want := 4 // children, goroutines, shared objects, temporary files
	if runtime.GOOS == "linux" {
		want = 7
	}
	if what := after.more(before); len(what) != want {
		t.Errorf("of process %d, memory %s and the like it finds: %s", p.PID(), m.Name(), strings.Join(what, "; "))
	}
}
