//go:build unix

package multiproc

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// leavesBehind leaves a program behind that holds the output and is not of the
// group, and returns its number.
var leavesBehind = Func("leavesBehind", func(_ context.Context, program []string) (int, error) {
	cmd := exec.Command(program[0], program[1:]...)
	cmd.Stdout = os.Stdout
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	_, err := os.Stdout.WriteString("the last line\n")
	return cmd.Process.Pid, err
})

// What lives on and holds the pipe, silent or not, is not waited for for ever.
func TestADescendantThatHoldsTheOutputHoldsNobody(t *testing.T) {
	for _, program := range [][]string{{"sleep", "3600"}, {"yes"}} {
		t.Run(program[0], func(t *testing.T) {
			if _, err := exec.LookPath(program[0]); err != nil {
				t.Skip(err)
			}
			var got bytes.Buffer
			p := leavesBehind.New(program, Options{Stdout: &got})
			p.late = 0
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			pid, err := p.Join(soon(t))
			if err != nil {
				t.Fatal(err)
			}
			if program[0] == "sleep" { // the other one ends with the pipe
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Error(err)
				}
			}
			if !strings.Contains(got.String(), "the last line\n") {
				t.Errorf("%.100q came of the child", got.String())
			}
		})
	}
}
