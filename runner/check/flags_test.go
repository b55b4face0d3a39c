package check

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/results/checks"
)

func TestFlagsAreSplitAsInGOFLAGS(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
		err  string
	}{
		{"", nil, ""},
		{" -race\t-tags=a,b ", []string{"-race", "-tags=a,b"}, ""},
		{`"-ldflags=-s -w" -race`, []string{"-ldflags=-s -w", "-race"}, ""},
		{`'-ldflags=-X "m.v=a b"'`, []string{`-ldflags=-X "m.v=a b"`}, ""},
		{`-ldflags '-s -w'`, []string{"-ldflags", "-s -w"}, ""},
		{`''`, []string{""}, ""},
		{`-race '-ldflags=-s`, nil, "unclosed quote: '-ldflags=-s"},
	} {
		got, err := SplitFlags(tt.text)
		if diff := cmp.Diff(tt.want, got); diff != "" || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("SplitFlags(%s): %v, (-want +got):\n%s", tt.text, err, diff)
		}
	}
}

func TestLinkerFlagsAreJoined(t *testing.T) {
	for _, flags := range [][]string{{"-ldflags=-s -w", "-race"}, {"--ldflags", "-s -w", "-race"}, {"-race", "-ldflags", "-x", "-ldflags", "-s -w"}} {
		got := strings.Join(buildFlags(true, flags, 7), " ")
		if want := "build -trimpath -buildvcs=false -race -ldflags=-s -w -randlayout=7"; got != want {
			t.Errorf("buildFlags(%q) = %s, want %s", flags, got, want)
		}
	}
}

// What depends on a file that is named by a flag is not known by its sources.
func TestBuildsThatReadOtherFilesAreNotKept(t *testing.T) {
	for _, tt := range []struct {
		flags []string
		env   string // GOFLAGS
		kept  bool
	}{
		{nil, "", true},
		{[]string{"-tags=overlay", "-ldflags", "overlay", "-pgo=off"}, "-pgo=auto -mod=mod", true},
		{[]string{"-pgo=cpu.pgo"}, "", false},
		{[]string{"--pgo", "cpu.pgo"}, "", false},
		{[]string{"-overlay=x.json"}, "", false},
		{[]string{"-toolexec", "wrap"}, "", false},
		{nil, "-race '-pgo=a file.pgo'", false},
		{nil, "-overlay=x.json", false},
		{nil, "'unclosed", false},
	} {
		s := &side{root: t.TempDir(), info: checks.Side{Settings: map[string]string{"GOFLAGS": tt.env}}}
		keys := newKeys(s, []*goPackage{{ImportPath: "m", Dir: s.root}}, tt.flags)
		if key := keys.of("m"); (key != "") != tt.kept {
			t.Errorf("flags %q, GOFLAGS=%s: key %q, want one: %t", tt.flags, tt.env, key, tt.kept)
		}
	}
}
