package lines

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A disk fills up in the middle of a line: the system writes what still goes
// in, and reports the error with the next call.
func TestFullDiskLeavesNoHalfLine(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16k"); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	name := filepath.Join(dir, "lines")
	a, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	line := append(bytes.Repeat([]byte("x"), 700), '\n')
	lines := 0
	for err == nil {
		if err = a.Append(line); err == nil {
			lines++
		}
	}
	if !errors.Is(err, syscall.ENOSPC) || lines == 0 {
		t.Fatalf("Append = %v after %d lines, want a full disk", err, lines)
	}
	data, err := os.ReadFile(name)
	if want := bytes.Repeat(line, lines); err != nil || !bytes.Equal(data, want) {
		t.Errorf("the file has %d bytes, %v, want the %d of its %d whole lines", len(data), err, len(want), lines)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}
