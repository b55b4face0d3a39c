package profile

import (
	"bytes"
	"crypto/sha256"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"

	"github.com/gvp-bench/gvp/results/profiles"
)

// A stack is a sample of a synthetic profile.
type stack struct {
	workload, worker string
	funcs            string // the running function first
	samples          int64  // of 10 ms
}

// synthetic returns a profile of the stacks.
func synthetic(stacks ...stack) *profile.Profile {
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Period:     10_000_000,
	}
	locs := map[string]*profile.Location{}
	for _, s := range stacks {
		sample := &profile.Sample{
			Value: []int64{s.samples, s.samples * 10_000_000},
			Label: map[string][]string{"mode": {"process"}, "workload": {s.workload}, "worker": {s.worker}},
		}
		for name := range strings.FieldsSeq(s.funcs) {
			if locs[name] == nil {
				f := &profile.Function{ID: uint64(len(locs) + 1), Name: name, Filename: name + ".go"}
				l := &profile.Location{ID: f.ID, Address: f.ID, Line: []profile.Line{{Function: f, Line: 7}}}
				p.Function, p.Location = append(p.Function, f), append(p.Location, l)
				locs[name] = l
			}
			sample.Location = append(sample.Location, locs[name])
		}
		p.Sample = append(p.Sample, sample)
	}
	return p
}

func twoWorkloads() *profile.Profile {
	return synthetic(
		stack{"hash", "w0", "crypto/sha256.block main.hash main.main", 70},
		stack{"hash", "w1", "runtime.memmove main.hash main.main", 10},
		stack{"hash", "host", "runtime.futex runtime.notesleep runtime.schedule runtime.mcall", 20},
		stack{"primes", "w0", "main.sieve main.sieve main.main", 40},
		stack{"primes", "w0", "runtime.memmove runtime.growslice main.sieve main.main", 20},
		stack{"primes", "host", "runtime.memmove runtime.gcBgMarkWorker", 40},
	)
}

func TestSummarize(t *testing.T) {
	p := twoWorkloads()
	got := Summarize(p, 3)
	want := Summary{
		Samples: 200, Seconds: 2,
		Shares: []Share{{User, 1.1, .55}, {Runtime, .3, .15}, {GC, .4, .2}, {Sched, .2, .1}, {Syscall, 0, 0}},
		Top: []Function{
			{"crypto/sha256.block", User, .7, .7},
			{"runtime.memmove", GC, .7, .7}, // mostly for the collector
			{"main.sieve", User, .4, .6},    // recursion counts once
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("whole profile (-want +got):\n%s", diff)
	}
}

func TestSummarizeSaysWhenSamplesAreFew(t *testing.T) {
	got := Summarize(synthetic(stack{"hash", "w0", "main.main", 99}), 10)
	if want := []string{"only 99 samples: shares are rough below 100; profile for longer"}; !slices.Equal(got.Warnings, want) {
		t.Errorf("warnings %q, want %q", got.Warnings, want)
	}
	got = Summarize(synthetic(), 10)
	if len(got.Warnings) != 1 || got.Seconds != 0 || len(got.Shares) != 5 || got.Shares[0].Fraction != 0 || len(got.Top) != 0 {
		t.Errorf("summary of no samples: %+v", got)
	}
}

func TestSummarizeBearsDefectiveProfiles(t *testing.T) {
	p := synthetic(stack{"hash", "w0", "main.main", 1})
	p.Sample = append(p.Sample,
		nil,
		&profile.Sample{Value: []int64{1, 10_000_000}},
		&profile.Sample{Value: []int64{1, 10_000_000}, Location: []*profile.Location{nil, {}, {Line: []profile.Line{{}}}}},
		&profile.Sample{Value: []int64{1}, Location: p.Location},
	)
	got := Summarize(p, 10)
	if got.Samples != 3 || got.Shares[len(got.Shares)-1].Kind != Unknown || got.Shares[len(got.Shares)-1].Seconds != 0.02 {
		t.Errorf("summary %+v, want three samples, two of them unknown", got)
	}
}

// A profile of goroutines that do a bit of everything has every kind. It is
// taken for as long as that needs, so that a slow machine does not fail it.
func TestSummarizeARealProfile(t *testing.T) {
	for deadline := time.Now().Add(time.Minute); ; {
		s := Summarize(busy(t, 300*time.Millisecond), -1)
		missing := slices.ContainsFunc(s.Shares, func(s Share) bool { return s.Seconds == 0 })
		hashes := slices.ContainsFunc(s.Top, func(f Function) bool {
			return strings.Contains(f.Name, "sha256") && f.Kind == User
		})
		if !missing && hashes {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("a kind is missing, or SHA-256 among the functions that ran: %+v", s)
		}
	}
}

// busy profiles this process while it hashes, allocates, calls the system and
// hands values from goroutine to goroutine.
func busy(t *testing.T, d time.Duration) *profile.Profile {
	t.Helper()
	var data bytes.Buffer
	if err := pprof.StartCPUProfile(&data); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	end := time.Now().Add(d)
	ping := make(chan int)
	for _, work := range []func(){
		func() {
			b := make([]byte, 1<<16)
			sum := sha256.Sum256(b)
			copy(b, sum[:])
		},
		func() {
			var list [][]*int
			for range 1000 {
				list = append(list, make([]*int, 100))
			}
			runtime.KeepAlive(list)
		},
		func() {
			for range 100 {
				if _, err := os.Stat("."); err != nil {
					t.Error(err)
				}
			}
		},
		func() {
			for i := range 1000 {
				ping <- i
			}
		},
	} {
		wg.Go(func() {
			for time.Now().Before(end) {
				work()
			}
		})
	}
	go func() {
		for range ping {
		}
	}()
	wg.Wait()
	close(ping)
	pprof.StopCPUProfile()
	p, err := profiles.Parse(&data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
