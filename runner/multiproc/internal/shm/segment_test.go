package shm

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestNamesAreOneElement(t *testing.T) {
	for _, name := range []string{"", "a/b", "../a", `a\b`, "a\x00b", "a\nb", strings.Repeat("x", maxName+1)} {
		if CheckName(name) == nil {
			t.Errorf("%q is a name", name)
		}
	}
	for _, name := range []string{"a", "a.b", "..", "ä", strings.Repeat("x", maxName)} {
		if err := CheckName(name); err != nil {
			t.Error(err)
		}
	}
}

func TestAnonymousMemory(t *testing.T) {
	for _, size := range []int{0, -1} {
		if _, err := Anonymous(size); err == nil {
			t.Errorf("%d bytes", size)
		}
	}
	s, err := Anonymous(5000)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Bytes()) != 5000 || s.Size() != 5000 || s.Bytes()[4999] != 0 {
		t.Errorf("%d bytes, want 5000", len(s.Bytes()))
	}
	s.Bytes()[4999] = 1
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	if s.Bytes() != nil || s.Enter() != nil {
		t.Error("closed memory can be had")
	}
}

func TestCloseWaitsForTheLastUse(t *testing.T) {
	s, err := Anonymous(1)
	if err != nil {
		t.Fatal(err)
	}
	b := s.Enter()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b[0] = 1 // still mapped
	s.Exit()
	if s.data != nil {
		t.Error("it is mapped for nobody")
	}
	if err := s.File().Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("its file is open: %v", err)
	}
}
