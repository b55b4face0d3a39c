// Package examples has runnable programs; its test runs them.
package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// output builds a program of this folder and runs it.
func output(t *testing.T, name string) string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skipf("building the example: %v", err) // as under Wine
	}
	exe := filepath.Join(t.TempDir(), name+".exe")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", exe, "./"+name).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), exe).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestTenSleepers(t *testing.T) {
	out := output(t, "sleepers")
	for i := range 10 {
		if !strings.Contains(out, "hello bob"+strconv.Itoa(i)+"\n") {
			t.Errorf("bob%d did not say hello:\n%s", i, out)
		}
	}
	if !strings.Contains(out, "total time ") {
		t.Errorf("no time:\n%s", out)
	}
}

func TestAGoroutineInEachProcess(t *testing.T) {
	out := output(t, "hybrid")
	for i := range 10 {
		if !strings.Contains(out, "name: bob"+strconv.Itoa(i)+"\n") {
			t.Errorf("bob%d did not tell its name:\n%s", i, out)
		}
	}
}

func TestParentAndChild(t *testing.T) {
	out := output(t, "family")
	parent, child, ok := strings.Cut(out, "function f\n")
	if !ok {
		t.Fatalf("no child:\n%s", out)
	}
	if id, its := field(parent, "process id: "), field(child, "parent process: "); id == "" || id != its {
		t.Errorf("the parent is %q, and the child says %q:\n%s", id, its, out)
	}
	if field(child, "process id: ") == field(parent, "process id: ") {
		t.Errorf("one process:\n%s", out)
	}
}

// field returns what follows a label on its line.
func field(text, label string) string {
	_, rest, _ := strings.Cut(text, label)
	value, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(value)
}

// The README shows this program; it must be the one that is tested.
func TestSquaresIsTheProgramOfTheREADME(t *testing.T) {
	if out := output(t, "squares"); out != "[1 4 9 16 25]\n" {
		t.Errorf("%q", out)
	}
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("squares/main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(source), "package main")
	if !strings.Contains(string(readme), "```go\npackage main"+program+"```") {
		t.Error("the README shows another program")
	}
}
