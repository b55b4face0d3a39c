package multiproc

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// openFiles says what the descriptors of a child are open on, without the one
// that looking takes.
var openFiles = Func("openFiles", func(context.Context, struct{}) ([]string, error) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil {
			names = append(names, name)
		}
	}
	return names, nil
})

func TestPyChildFdInflation(t *testing.T) {
	count := func() int {
		names, err := mustStart(t, openFiles, struct{}{}, Options{}).Join(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
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

// Nothing that the parent has open reaches a child unless it was handed over.
func TestPyClosefd(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "unrelated"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	names, err := mustStart(t, openFiles, struct{}{}, Options{}).Join(t.Context())
	if len(names) < 5 || slices.Contains(names, f.Name()) || err != nil {
		t.Errorf("the child has %q open, %v", names, err)
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
