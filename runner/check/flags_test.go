package check

import (
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/results/checks"
)

func TestLinkerFlagsAreJoined(t *testing.T) {
	for _, tt := range []struct {
		env, flags []string
		want       string
	}{
		{nil, []string{"-ldflags=-s -w", "-race"}, "-race -ldflags=-s -w -randlayout=7"},
		{nil, []string{"--ldflags", "-s -w", "-race"}, "-race -ldflags=-s -w -randlayout=7"},
		{nil, []string{"-race", "-ldflags", "-x", "-ldflags", "-s -w"}, "-race -ldflags=-s -w -randlayout=7"},
		{[]string{"-ldflags=-s", "-mod=mod"}, []string{"-race"}, "-race -ldflags=-s -randlayout=7"},
		{[]string{"-ldflags=-s"}, []string{"-ldflags=-w"}, "-ldflags=-w -randlayout=7"},
	} {
		got := strings.Join(buildFlags(true, tt.env, tt.flags, 7), " ")
		if want := "build -trimpath -buildvcs=false " + tt.want; got != want {
			t.Errorf("buildFlags(%q, %q) = %s, want %s", tt.env, tt.flags, got, want)
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
