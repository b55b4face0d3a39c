//go:build !linux || portable

package multiproc

import "testing"

// awaitRecord is for connections through rings.
func awaitRecord(t *testing.T, _ *Connection) {
	t.Helper()
	t.Fatal("there are no rings here")
}

// What these tests are about: connections and lanes of streams.
func TestThereAreNoRings(t *testing.T) {
	a, b := mustBytePipe(t)
	for _, c := range []*Connection{a, b} {
		if _, ok := c.in.(*streamInlet); !ok {
			t.Errorf("messages come out of a %T", c.in)
		}
		if _, ok := laneOf(c, 1).(streamLane); !ok {
			t.Errorf("the lane is a %T", laneOf(c, 1))
		}
	}
}
