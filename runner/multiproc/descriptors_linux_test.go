package multiproc

import (
	"context"
	"os"
	"testing"
)

// openFiles counts the open descriptors of a child, without the one that
// counting takes.
var openFiles = Func("openFiles", func(context.Context, struct{}) (int, error) {
	entries, err := os.ReadDir("/proc/self/fd")
	return len(entries) - 1, err
})

func TestPyChildFdInflation(t *testing.T) {
	count := func() int {
		n, err := mustStart(t, openFiles, struct{}{}, Options{}).Join(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	alone := count()
	for range 10 {
		here, there, err := BytePipe()
		if err != nil {
			t.Fatal(err)
		}
		defer here.Close()
		mustStart(t, echo, there, Options{})
	}
	if n := count(); n != alone {
		t.Errorf("a child beside ten others has %d descriptors, alone %d", n, alone)
	}
}

// Nothing that the parent has open reaches a child unless it was handed over,
// also when it is not marked close-on-exec by Go.
func TestPyClosefd(t *testing.T) {
	var held []*os.File
	for range 20 {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		held = append(held, f)
	}
	n, err := mustStart(t, openFiles, struct{}{}, Options{}).Join(t.Context())
	// Stdio, the two of the trunk, and those of the runtime's poller.
	if n > 10 || err != nil {
		t.Errorf("%d descriptors beside %d of the parent, %v", n, len(held), err)
	}
}

func TestFilesTravelWithTheArgument(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := mustStart(t, writeFile, []File{{f}, {nil}}, Options{}).Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(f.Name()); string(b) != "from the child" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := f.WriteString(", and the parent"); err != nil {
		t.Errorf("the parent's file is closed: %v", err)
	}
}

var writeFile = Func("writeFile", func(_ context.Context, files []File) (bool, error) {
	_, err := files[0].WriteString("from the child")
	return files[1].File == nil, err
})
