package table

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

// reportEnv makes the test binary a reporter: it writes the tables of the file
// that it names, as benchstat does of its argument.
const reportEnv = "GVP_TEST_REPORT"

func TestMain(m *testing.M) {
	path := os.Getenv(reportEnv)
	if path == "" {
		os.Exit(m.Run())
	}
	if err := report(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func report(path string) error {
	set, err := samples.ReadFiles([]string{path})
	if err != nil {
		return err
	}
	tables, err := Build(set, Options{})
	if err != nil {
		return err
	}
	return tables.WriteText(os.Stdout, false)
}

// BenchmarkReport reads a file of a million samples and makes its tables, in a
// process of its own for each, side by side with the real benchstat.
func BenchmarkReport(b *testing.B) {
	lines := 1_000_000
	if testing.Short() {
		lines = 10_000
	}
	benchstat := benchstatPath(b)
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for _, output := range []struct {
		name  string
		write func(w *bufio.Writer, lines int)
	}{
		{"gotest", writeGoTest},
		{"gvp", writeSamples},
	} {
		path := filepath.Join(b.TempDir(), "samples.txt")
		writeLines(b, path, lines, output.write)
		for _, reader := range []struct {
			name    string
			command func() *exec.Cmd
		}{
			{"benchstat", func() *exec.Cmd { return exec.Command(benchstat, path) }},
			{"gvp", func() *exec.Cmd {
				cmd := exec.Command(self)
				cmd.Env = append(os.Environ(), reportEnv+"="+path)
				return cmd
			}},
		} {
			b.Run("output="+output.name+"/reader="+reader.name, func(b *testing.B) {
				var cpu, peak float64
				for b.Loop() {
					cmd := reader.command()
					if err := cmd.Run(); err != nil {
						b.Fatal(err)
					}
					cpu += (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
					peak = max(peak, peakBytes(cmd.ProcessState))
				}
				b.ReportMetric(cpu/float64(b.N), "cpu-sec/op")
				if peak > 0 {
					b.ReportMetric(peak, "peak-RSS-B")
				}
			})
		}
	}
}

func writeLines(b *testing.B, path string, lines int, write func(*bufio.Writer, int)) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	write(w, lines)
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

// writeGoTest writes what go test -bench . -benchmem -count 1000 does of a
// thousand benchmarks.
func writeGoTest(w *bufio.Writer, lines int) {
	rng := rand.New(rand.NewPCG(1, 2))
	fmt.Fprint(w, "goos: linux\ngoarch: amd64\npkg: example.org/x\ncpu: Example CPU @ 2.00GHz\n")
	for i := range lines {
		n := i % 1000
		fmt.Fprintf(w, "BenchmarkEncode/format=json/case=%d-8         \t%8d\t%10.1f ns/op\t%8d B/op\t%8d allocs/op\n",
			n, 1000+rng.IntN(1000), float64(n+1)*(100+10*rng.Float64()), 16*n, n)
	}
	fmt.Fprint(w, "PASS\nok  \texample.org/x\t1000.000s\n")
}

// writeSamples writes what gvp does of a run of 50 cells.
func writeSamples(w *bufio.Writer, lines int) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 20 {
		fmt.Fprintf(w, "setting%d: value %d\n", i, i)
	}
	for i := range lines {
		n := i % 50
		c := results.Cell{Workload: "hash", Params: []results.Param{{Name: "size", Value: fmt.Sprint(n/5+1) + "KiB"}}, Mode: "goroutine", Workers: n%5 + 1}
		fmt.Fprintf(w, "Benchmark%s %d", c.Name(), 1000+rng.IntN(1000))
		for _, u := range results.Units()[:10] {
			fmt.Fprintf(w, " %v %s", float64(n+1)*(1+rng.Float64())*1e-6, u.Name)
		}
		fmt.Fprintln(w)
	}
}
