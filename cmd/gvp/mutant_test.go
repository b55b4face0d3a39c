package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mutantEnv names the variable that chooses a mutant of the tool that
// buildMutants builds; without it, it decides as it should.
const mutantEnv = "GVP_TEST_MUTANT"

// A mutant is a fault in what decides: code that is replaced by other code, which
// may ask whether mutant is its name.
type mutant struct {
	name     string
	file     string // from the module's root
	from, to string
	fails    string // what the self-test says of it
}

var mutants = []mutant{
	{
		"sign flipped", "report/verdict/decision.go", "return head - base, nil",
		`if mutant == "sign flipped" { return base - head, nil }; return head - base, nil`,
		"FAILED Kernel3 made 10 % slower",
	},
	{
		"alpha dropped", "report/verdict/judge.go", "stepDown(ps, family, p.Alpha*p.weight(k))",
		`stepDown(ps, family, map[bool]float64{true: math.Inf(1), false: p.Alpha*p.weight(k)}[mutant == "alpha dropped"])`,
		"FAILED a binary against itself",
	},
	{
		"status ignored", "report/gate/outcome.go", "case Regressed:\n\t\treturn StatusRegressed",
		"case Regressed:\nif mutant == \"status ignored\" { return StatusFine }; return StatusRegressed",
		"the exit status is 0 instead of 1",
	},
	{
		"exit ignored", "cmd/gvp/exit.go", "if ok && own.why == nil {\n",
		"if ok && own.why == nil {\nif mutant == \"exit ignored\" { return exitOK }\n",
		"the exit status is 0 instead of 1",
	},
}

// calm takes the machine out of the self-test, so that it comes to the same wherever
// it runs: the kernels say how long they took instead of taking it, spread by 1 %,
// and so does the control. All else is the tool as it is: it builds two binaries,
// runs a process for each sample and judges what they print.
var calm = []mutant{
	{
		file: "runner/check/control.go", from: "elapsed := time.Since(start)",
		to: "elapsed := time.Since(start)*0 + time.Duration(n)*time.Microsecond",
	},
}

const calmKernels = `package selftest

import (
	"math/rand/v2"
	"testing"
)

func say(b *testing.B, ns float64) { b.ReportMetric(ns*(1+rand.NormFloat64()/100), "ns/op") }

func BenchmarkKernel1(b *testing.B) { say(b, 2e5) }
func BenchmarkKernel3(b *testing.B) { say(b, 1e5*(1+slower)) }
`

// buildMutants builds the tool with all mutants in it, without a copy of the
// sources: the go command takes some files from elsewhere.
func buildMutants(t *testing.T) string {
	t.Helper()
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	overlay := make(map[string]string)
	put := func(file, text string) {
		instead := filepath.Join(t.TempDir(), filepath.Base(file))
		if err := os.WriteFile(instead, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(module, filepath.FromSlash(file))] = instead
	}
	for _, m := range append(calm, mutants...) {
		text, err := os.ReadFile(filepath.Join(module, filepath.FromSlash(m.file)))
		if err != nil {
			t.Fatal(err)
		}
		source := strings.ReplaceAll(string(text), "\r\n", "\n")
		if n := strings.Count(source, m.from); n != 1 {
			t.Fatalf("%s has %q %d times: say anew which code makes the mutant %q", m.file, m.from, n, m.name)
		}
		put(m.file, strings.Replace(source, m.from, m.to, 1))
	}
	for dir, pkg := range map[string]string{"report/verdict": "verdict", "report/gate": "gate", "cmd/gvp": "main"} {
		put(dir+"/mutant.go", "package "+pkg+"\n\nimport \"os\"\n\nvar mutant = os.Getenv("+strconv.Quote(mutantEnv)+")\n")
	}
	put("cmd/gvp/selftest/kernels_test.go.txt", calmKernels)

	file := filepath.Join(t.TempDir(), "overlay.json")
	data, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), exeName("gvp"))
	out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-overlay", file, "-o", binary, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// TestSelfTestSeesThatTheGateIsBroken breaks what decides, in one place at a time,
// and runs the self-test of the tool that is built from it.
func TestSelfTestSeesThatTheGateIsBroken(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it builds the tool anew, and two binaries for each fault")
	}
	gvp := buildMutants(t)
	selfTest := func(mutant string) (status int, said string) {
		c := exec.CommandContext(t.Context(), gvp, "check", "--selftest", "--sample-time", "1ms")
		c.Dir = t.TempDir()
		c.Env = append(os.Environ(), mutantEnv+"="+mutant)
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		if err := c.Run(); c.ProcessState == nil {
			t.Fatal(err)
		}
		return c.ProcessState.ExitCode(), out.String()
	}
	if status, said := selfTest(""); status != 0 || !strings.Contains(said, "self-test passed") {
		t.Fatalf("nothing is broken: status %d\n%s", status, said)
	}
	for _, m := range mutants {
		if status, said := selfTest(m.name); status != 1 || !strings.Contains(strings.ReplaceAll(said, "\u00a0", " "), m.fails) {
			t.Errorf("%s: status %d, want 1 and %q\n%s", m.name, status, m.fails, said)
		}
	}
}
