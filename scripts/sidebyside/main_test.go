package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if size := os.Getenv("SIDEBYSIDE_TEST_CHILD"); size != "" {
		child(size)
		return
	}
	os.Exit(m.Run())
}

// child is what the test runs side by side: itself, using 64 MiB or nothing.
func child(size string) {
	if size == "fail" {
		os.Exit(3)
	}
	if size == "big" {
		page := make([]byte, 64<<20)
		for i := range page {
			page[i] = byte(i)
		}
	}
}

func TestTakesArgumentsApart(t *testing.T) {
	tests := []struct {
		args string
		want []string // name=command of each contestant; nil for an error
	}{
		{"", nil},
		{"a", nil},
		{"a true -- b", nil},
		{"a true", []string{"a=true"}},
		{"a true -x -- b ls --", []string{"a=true -x", "b=ls"}},
	}
	for _, tt := range tests {
		got, err := split(strings.Fields(tt.args))
		var names []string
		for _, c := range got {
			names = append(names, c.name+"="+strings.Join(c.argv, " "))
		}
		if (err != nil) != (tt.want == nil) || !slices.Equal(names, tt.want) {
			t.Errorf("split(%q) = %q, %v, want %q", tt.args, names, err, tt.want)
		}
	}
}

func TestMedianOfEvenAndOddNumbers(t *testing.T) {
	if got := median([]float64{9, 1, 2}); got != 2 {
		t.Errorf("median of 3 = %v, want 2", got)
	}
	if got := median([]float64{9, 1, 2, 4}); got != 3 {
		t.Errorf("median of 4 = %v, want 3", got)
	}
}

func TestSeesTheChildsOwnMemory(t *testing.T) {
	t.Setenv("SIDEBYSIDE_TEST_CHILD", "big")
	m, err := measure(t.Context(), []string{os.Args[0]})
	if err != nil {
		t.Fatal(err)
	}
	if m.peak == 0 {
		t.Skip("this system does not say how much memory a child used")
	}
	if m.peak < 64<<20 {
		t.Errorf("peak of a child that filled 64 MiB = %.0f bytes", m.peak)
	}
}

func TestFailingCommandIsNamed(t *testing.T) {
	t.Setenv("SIDEBYSIDE_TEST_CHILD", "fail")
	var out strings.Builder
	err := run(t.Context(), &out, 1, []string{"broken", os.Args[0]})
	if err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("error of a failing command = %v, want one that names it", err)
	}
	if out.Len() > 0 {
		t.Errorf("a failing command printed %q", out.String())
	}
}
