package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/campaign"
)

func catalog(names ...string) results.Catalog {
	c := results.Catalog{
		Protocol: results.ProtocolVersion,
		Modes:    []results.CatalogMode{{Name: "serial", Single: true}, {Name: "goroutine"}, {Name: "process"}},
	}
	for _, n := range names {
		c.Workloads = append(c.Workloads, results.CatalogWorkload{Name: n, Params: []results.CatalogParam{
			{Name: "size", Kind: "size", Default: "64KiB", Min: 1, Max: 1 << 30},
		}})
	}
	return c
}

func TestPresetsPromiseIntervals(t *testing.T) {
	for _, p := range presets() {
		if p.Rounds < 6 {
			t.Errorf("%s has %d rounds: fewer than 6 give no 95 %% interval", p.Name, p.Rounds)
		}
		// On this many CPUs all numbers of workers differ, or fall together.
		for _, cpus := range []int{1, 2, 64} {
			if _, err := campaign.NewPlan(catalog("hash", "sleep"), p.options(catalog("hash", "sleep"), cpus)); err != nil {
				t.Errorf("%s on %d CPUs: %v", p.Name, cpus, err)
			}
		}
	}
}

func TestPresetMeasuresAllOfABinaryThatHasNoneOfItsWorkloads(t *testing.T) {
	p, err := findPreset("quick")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.options(catalog("mine", "yours"), 2).Workloads; got != nil {
		t.Errorf("workloads %v, want all", got)
	}
	if got := p.options(catalog("mine", "sleep"), 2).Workloads; !cmp.Equal(got, []string{"sleep"}) {
		t.Errorf("workloads %v, want sleep", got)
	}
}

func TestFlagsGoBeforeThePreset(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want campaign.Options
	}{
		{
			"preset alone", []string{"--seed", "1"},
			campaign.Options{Workers: []int{1, 2, 4}, Rounds: 6, Seed: 1, Target: 250 * time.Millisecond, ProfileTime: 500 * time.Millisecond},
		},
		{
			"some flags", []string{"--seed", "1", "-p", "quick", "--rounds", "9", "-w", "b,a", "-w", "a", "--sample-time", "1s", "--profile-time", "2s"},
			campaign.Options{Workloads: []string{"b", "a"}, Workers: []int{1, 4}, Rounds: 9, Seed: 1, Target: time.Second, ProfileTime: 2 * time.Second},
		},
		{
			"preset's parameters", []string{"--seed", "1", "-p", "thorough", "-j", "3,1,3", "-m", "process"},
			campaign.Options{
				Modes: []string{"process"}, Workers: []int{3, 1}, Rounds: 20, Seed: 1, Target: 250 * time.Millisecond, ProfileTime: 2 * time.Second,
				Params: map[string][]string{"hash.size": {"1KiB", "64KiB", "1MiB"}},
			},
		},
		{
			"own parameters", []string{"--seed", "1", "-p", "thorough", "-j", "1", "--no-profile", "--param", "size=2KiB,4KiB", "--param", "size=2KiB", "--out", "x", "--timeout", "3s"},
			campaign.Options{
				Workers: []int{1}, Rounds: 20, Seed: 1, Target: 250 * time.Millisecond, Timeout: 3 * time.Second, Out: "x",
				Params: map[string][]string{"size": {"2KiB", "4KiB"}},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f runFlags
			cmd := &cobra.Command{}
			(&tool{}).addRunFlags(cmd, &f)
			if err := cmd.ParseFlags(c.args); err != nil {
				t.Fatal(err)
			}
			if err := f.check(cmd.Flags()); err != nil {
				t.Fatal(err)
			}
			got, err := f.options(cmd.Flags(), catalog("hash", "a", "b"), 4)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.want.Params) == 0 && len(got.Params) == 0 {
				got.Params = nil
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}
