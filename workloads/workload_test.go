package workloads

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cells are what the tests of all workloads do: the defaults, but little of
// what takes long, and the edges of what the parameters allow.
func cells(tb testing.TB) []struct {
	w     Workload
	given map[string]string
} {
	dir := tb.TempDir()
	return []struct {
		w     Workload
		given map[string]string
	}{
		{Hash, nil},
		{Hash, map[string]string{"size": "1B"}},
		{Hash, map[string]string{"size": "1001B"}},
		{Primes, nil},
		{Primes, map[string]string{"limit": "1000", "interval": "7"}},
		{Primes, map[string]string{"limit": "1e10", "interval": "1e6"}},
		{Spin, nil},
		{Spin, map[string]string{"iterations": "1"}},
		{Sleep, map[string]string{"duration": "1us"}},
		{File, map[string]string{"dir": dir}},
		{File, map[string]string{"dir": dir, "size": "1B", "sync": "true"}},
		{File, map[string]string{"dir": dir, "size": "4097B"}},
		{Mixed, map[string]string{"iterations": "1000", "wait": "1us"}},
	}
}

func title(w Workload, given map[string]string) string {
	s := w.Name
	for _, p := range w.Params {
		if v, ok := given[p.Name]; ok && p.Kind != KindPath {
			s += "/" + p.Name + "=" + v
		}
	}
	return s
}

// A digest that is no longer what it was means that the work has changed, and
// that results from before and after cannot be compared.
func TestDigestsStayTheSame(t *testing.T) {
	var got strings.Builder
	for _, c := range cells(t) {
		w := mustWorker(t, c.w, 0, c.given)
		for _, i := range []uint64{0, 1, 2, 1000, 1 << 40} {
			fmt.Fprintf(&got, "%s %d %016x\n", title(c.w, c.given), i, mustUnit(t, w, i))
		}
	}
	golden := filepath.Join("testdata", "digests.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("digests have changed: got\n%swant\n%s", got.String(), want)
	}
}

func TestDigestsDependOnNothingButTheUnit(t *testing.T) {
	for _, c := range cells(t) {
		t.Run(title(c.w, c.given), func(t *testing.T) {
			first := mustWorker(t, c.w, 0, c.given)
			var want [12]uint64
			for i := range want {
				want[i] = mustUnit(t, first, uint64(i))
			}
			rng := rand.New(rand.NewPCG(1, 2))
			for id := 1; id <= 3; id++ {
				w := mustWorker(t, c.w, id, c.given)
				for _, i := range rng.Perm(len(want)) {
					if got := mustUnit(t, w, uint64(i)); got != want[i] {
						t.Errorf("worker %d: unit %d gives %x, worker 0 gave %x", id, i, got, want[i])
					}
				}
			}
		})
	}
}

func TestDigestsOfUnitsDiffer(t *testing.T) {
	for _, c := range cells(t) {
		if c.w.Name == "primes" || c.given["size"] == "1B" {
			continue // a count of primes, or a byte, may well come again
		}
		w, seen := mustWorker(t, c.w, 0, c.given), map[uint64]uint64{}
		for i := range uint64(50) {
			digest := mustUnit(t, w, i)
			if j, ok := seen[digest]; ok {
				t.Errorf("%s: units %d and %d have the same digest", title(c.w, c.given), j, i)
			}
			seen[digest] = i
		}
	}
}

// What a unit allocates, the garbage collector takes away again at a price that
// differs between modes and is not the workload's.
func TestUnitsAllocateNothing(t *testing.T) {
	for _, c := range cells(t) {
		if c.w.Name == "file" {
			continue // opening a file allocates
		}
		w, i := mustWorker(t, c.w, 0, c.given), uint64(0)
		if n := testing.AllocsPerRun(20, func() { mustUnit(t, w, i); i++ }); n != 0 {
			t.Errorf("%s: %v allocations per unit", title(c.w, c.given), n)
		}
	}
}

func TestBytesPerUnit(t *testing.T) {
	for _, w := range All() {
		job, err := newJob(w, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := int64(0)
		if w.Name == "hash" || w.Name == "file" {
			want = 64 << 10
		}
		if job.BytesPerUnit != want {
			t.Errorf("%s: %d bytes per unit, want %d", w.Name, job.BytesPerUnit, want)
		}
	}
}

func BenchmarkUnit(b *testing.B) {
	for _, w := range All() {
		b.Run("workload="+w.Name, func(b *testing.B) {
			benchmarkUnits(b, w, nil)
		})
	}
}

// BenchmarkHash is measured beside openssl.
func BenchmarkHash(b *testing.B) { benchmarkUnits(b, Hash, map[string]string{"size": "64KiB"}) }

func benchmarkUnits(b *testing.B, w Workload, given map[string]string) {
	job, err := newJob(w, given)
	if err != nil {
		b.Fatal(err)
	}
	worker := mustWorker(b, w, 0, given)
	b.SetBytes(job.BytesPerUnit)
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		mustUnit(b, worker, i)
	}
}
