package campaign

import (
	"context"
	"errors"
	"os"
	"testing"
)

func TestCheckRefusesWhatCannotBeSetUp(t *testing.T) {
	for _, tt := range []struct {
		size   string
		chosen bool
		want   string
	}{
		{"64KiB", false, "workload picky cannot be set up: set up worker 0: not in 64KiB"},
		{"1KiB", true, "workload picky cannot be set up: set up worker 0: not in 1KiB"},
	} {
		out := t.TempDir()
		p := planOf(t, Options{Workloads: []string{"fine", "picky"}, Params: map[string][]string{"size": {tt.size}}, Out: out})
		err := Check(t.Context(), p, self(t))
		setup, ok := errors.AsType[*SetupError](err)
		if !ok || err.Error() != tt.want || setup.Chosen != tt.chosen {
			t.Errorf("Check = %v, chosen %t, want %q, chosen %t", err, ok && setup.Chosen, tt.want, tt.chosen)
		}
		if left, err := os.ReadDir(out); err != nil || len(left) > 0 {
			t.Errorf("the check has made %v, %v", left, err)
		}
	}
}

func TestCheckLeavesCrashesToTheRun(t *testing.T) {
	p := planOf(t, Options{Workloads: []string{"crash", "fine", "disk"}})
	if err := Check(t.Context(), p, self(t)); err != nil {
		t.Errorf("Check = %v, want nothing refused", err)
	}
}

func TestCheckIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Check(ctx, planOf(t, Options{Workloads: []string{"fine"}}), self(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("Check = %v", err)
	}
}
