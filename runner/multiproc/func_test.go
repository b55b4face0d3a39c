package multiproc

import (
	"errors"
	"os"
	"os/exec"
	"testing"
)

// A function that a child would not find is not started: its child would run
// the program from the top.
func TestNamelessFunctionsAreNotStarted(t *testing.T) {
	var f Function[int, int]
	_, err := f.Start(1, Options{})
	says(t, "the zero Function", err, "without a name")
	_, err = Function[int, int]{name: "nobody"}.Start(1, Options{})
	says(t, "an unregistered one", err, `no function "nobody"`)

	r := registry{byName: map[string]function{}, main: true}
	r.add("", function{})
	says(t, "Func without a name", r.runs(""), "without a name")
	r.add("f", function{})
	if err := r.runs("f"); err != nil {
		t.Error(err)
	}
	r.add("f", function{})
	says(t, "Func twice", r.runs("f"), "twice")

	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"=")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitBroken {
		t.Errorf("a child without a name: %v, %s", err, out)
	}
}
