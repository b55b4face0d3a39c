package multiproc

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// In Python the grandchild is told that its parent has died (test_parent_process).
// Here it ends with it.
func TestPyParentProcess(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		here, there, err := BytePipe()
		if err != nil {
			t.Fatal(err)
		}
		defer here.Close()
		p := mustStart(t, brood, there, Options{})
		msg, err := here.Recv(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var parent, child int
		if _, err := fmt.Sscan(string(msg), &parent, &child); err != nil || parent != p.PID() {
			t.Fatalf("%q, %v", msg, err)
		}
		if stopped { // then only the kernel can end it
			if err := syscall.Kill(child, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		<-p.Ended()
		for deadline := time.Now().Add(time.Minute); alive(child); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("stopped=%v: the grandchild lives on", stopped)
			}
		}
	}
}

// alive tells whether a process exists and is no zombie.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func TestNothingIsLeftOfEndedChildren(t *testing.T) {
	run := func() {
		if _, err := mustStart(t, square, 3, Options{}).Join(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	run()
	before := descriptors(t)
	for range 20 {
		run()
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors, there were %d", after, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
