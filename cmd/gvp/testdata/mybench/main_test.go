package main

import "testing"

func TestSteps(t *testing.T) {
	for n, want := range map[uint64]uint64{1: 0, 2: 1, 3: 7, 27: 111, 97: 118} {
		if got := steps(n); got != want {
			t.Errorf("steps(%d) = %d, want %d", n, got, want)
		}
	}
}
