package results

import "testing"

func TestSideOf(t *testing.T) {
	for by, want := range map[string]Side{
		"channel": GoroutineSide, "sharedmemory": ProcessSide, "python": PythonSide, "pythonfork": PythonSide,
		"zeromq": UnknownSide, "": UnknownSide, "Channel": UnknownSide,
	} {
		if got := SideOf(by); got != want {
			t.Errorf("the side of %q is %q, want %q", by, got, want)
		}
	}
}
