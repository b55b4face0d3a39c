package campaign

import "testing"

func TestNearest(t *testing.T) {
	modes := []string{"serial", "goroutine", "gomaxprocs1", "thread", "process", "spawn", "hybrid"}
	flags := []string{"--preset", "--workload", "--mode", "--out", "--rounds", "--quiet"}
	keys := []string{".name", ".file", "/mode", "/workload", "goos"}
	for _, test := range []struct {
		typed string
		names []string
		want  string
	}{
		{"procces", modes, "process"},
		{"gorotine", modes, "goroutine"},
		{"Thread", modes, "thread"},
		{"go", modes, "goroutine"},
		{"hy", modes, "hybrid"},
		{"spwan", modes, "spawn"},
		{"zzzzzz", modes, ""},
		{"", modes, ""},
		{"--bogus", flags, ""},
		{"--oot", flags, "--out"},
		{"--work", flags, "--workload"},
		{"--w", flags, ""},
		{"--round", flags, "--rounds"},
		{"/mdoe", keys, "/mode"},
		{"mode", keys, "/mode"},
		{"/wrkload", keys, "/workload"},
		{"nosuch", keys, ""},
		{"/nosuch", keys, ""},
		{"gos", keys, "goos"},
	} {
		if got := nearest(test.typed, test.names); got != test.want {
			t.Errorf("nearest(%q) = %q, want %q", test.typed, got, test.want)
		}
	}
}
