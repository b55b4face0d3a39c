package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/campaign"
)

func TestAnnouncementSaysThatTheRevisionIsUnknown(t *testing.T) {
	plan := &campaign.Plan{Options: campaign.Options{Rounds: 1}}
	for _, tt := range []struct {
		binary  results.Binary
		unknown bool
	}{
		{results.Binary{Name: "b", Module: "example.com/b@(devel)"}, true},
		{results.Binary{Name: "b", Module: "example.com/b"}, true},
		{results.Binary{Name: "b", Module: "example.com/b@(devel)", Revision: "cafe"}, false},
		{results.Binary{Name: "b", Module: "example.com/b@v1.2.3"}, false},
	} {
		text := announce(plan, tt.binary, time.Time{})
		if strings.Contains(text, "b is built from is unknown") != tt.unknown || strings.Contains(text, "\n") {
			t.Errorf("of %+v it says %q", tt.binary, text)
		}
	}
}

func TestRevisionIsAskedForWhereGitCanTellIt(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	dir := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", dir)
	check := func(what, want string) {
		t.Helper()
		if got := vcsFlag(t.Context(), dir); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=n", "-c", "user.email=e"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	check("no checkout", "-buildvcs=false")
	git("init", "-q")
	check("no commit", "-buildvcs=false")
	git("commit", "-q", "--allow-empty", "-m", "m")
	check("a checkout", "-buildvcs=auto")
}
