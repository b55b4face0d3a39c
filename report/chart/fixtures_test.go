package chart

import (
	"fmt"
	"math"
	"math/rand/v2"
)

var modes = []string{"serial", "goroutine", "gomaxprocs1", "thread", "process", "spawn", "hybrid"}

// within returns v with an interval of ± share.
func within(v, share float64) Interval { return Interval{v, v * (1 - share), v * (1 + share)} }

// fixture is a chart under a name that says what is hard about it.
type fixture struct {
	name  string
	chart Chart
	width float64
}

// fixtures are the charts that goldens are kept of, and that a person looks at.
func fixtures() []fixture {
	return []fixture{
		{"bars", threeModes(), Wide},
		{"bars-seven-modes", sevenModes("sec/op", 250e-6), Wide},
		{"bars-seven-modes-narrow", sevenModes("sec/op", 250e-6), Narrow},
		{"bars-one", Bars{
			Frame:  Frame{Title: "One mode, one group", Subtitle: "Seconds per unit (lower is better)"},
			Unit:   "sec/op",
			Groups: []string{"hash"},
			Series: []Series{{Name: "serial", Values: []Interval{within(1.25e-9, 0.1)}}},
		}, Wide},
		{"bars-memory", memory(), Wide},
		{"bars-cpu", cpu(), Wide},
		{"bars-zero", Bars{
			Frame:  Frame{Title: "All zero", Subtitle: "Involuntary switches per unit (lower is better)", Caption: "go1.26.8"},
			Unit:   "switches/op",
			Groups: []string{"1", "2"},
			Across: "workers",
			Series: []Series{{Name: "serial", Values: []Interval{Exact(0)}}, {Name: "process", Values: []Interval{Exact(0), Exact(0)}}},
		}, Wide},
		{"scaling", scaling([]float64{1, 2, 4, 8, 16}, modes[1:5], 8), Wide},
		{"scaling-seven-modes", scaling([]float64{1, 2, 3, 6, 12, 24}, modes, 12), Wide},
		{"scaling-seven-modes-narrow", scaling([]float64{1, 2, 3, 6, 12, 24}, modes, 12), Narrow},
		{"scaling-two", scaling([]float64{1, 2}, modes, 2), Wide},
		{"scaling-one", scaling([]float64{2}, modes, 2), Wide},
		{"quantiles", latency(modes[1:]), Wide},
		{"quantiles-narrow", latency(modes[1:]), Narrow},
		{"efficiency", efficiency(modes), Wide},
		{"efficiency-narrow", efficiency(modes), Narrow},
		{"efficiency-one", efficiency(modes[1:2]), Wide},
		{"decision", decision(), Wide},
		{"decision-narrow", decision(), Narrow},
		{"decision-one", Decision{
			Frame: Frame{Title: "One kind, one size"}, Sizes: []string{"10\u00a0µs"}, Across: "task",
			Lines: []DecisionLine{{Name: "waiting: sleep", Fields: []Field{{Modes: []string{"process"}}}}},
		}, Wide},
		{"sizes", sizes(), Wide},
		{"sizes-narrow", sizes(), Narrow},
		{"dots", dots(), Wide},
		{"dots-narrow", dots(), Narrow},
		{"trend", trend(24), Wide},
		{"trend-narrow", trend(24), Narrow},
		{"trend-long", trend(180), Wide},
		{"trend-one", trend(1), Wide},
		{"trend-zero", Trend{
			Frame: Frame{Title: "Parse allocs/op: from 0 at 5d6e7f8", Subtitle: "Median by revision (lower is better)"}, Unit: "allocs/op", Across: "revision",
			Points:  []TrendPoint{{"0000001", Exact(0)}, {"0000002", Exact(0)}, {"5d6e7f8", Exact(3)}, {"HEAD", Exact(3)}},
			Levels:  []TrendLevel{{0, 1, 0}, {2, 3, 3}},
			Changes: []TrendChange{{2, "from 0", true}},
		}, Wide},
		{"overview", overview(), Wide},
		{"overview-narrow", overview(), Narrow},
	}
}

func threeModes() Bars {
	return Bars{
		Frame: Frame{
			Title:    "Processes match goroutines on pure CPU, lose on I/O",
			Subtitle: "Units per second at 2 workers, median of 10 samples with 95 % CI (higher is better)",
			Caption:  "made-up data · go1.26.8 linux/amd64",
		},
		Unit:   "units/s",
		Groups: []string{"hash", "primes", "spin", "file", "sleep"},
		Series: []Series{
			{Name: "goroutine", Values: []Interval{within(1900, 0.02), within(820, 0.04), within(1430, 0.02), {2210, 2050, 2330}, {2640, 2500, 2720}}},
			{Name: "gomaxprocs1", Values: []Interval{within(990, 0.02), within(430, 0.03), within(790, 0.01), Absent(), within(1890, 0.05)}},
			{Name: "process", Values: []Interval{within(1820, 0.04), within(800, 0.06), Exact(1180), {1750, 1600, 1840}, within(1210, 0.08)}},
		},
	}
}

// sevenModes has a spawn that is far from the rest.
func sevenModes(unit string, base float64) Bars {
	b := Bars{
		Frame: Frame{
			Title:    "hash: goroutines and warm processes halve the time at two workers; a process for each unit costs thirty times the work",
			Subtitle: "Wall time per unit, median of 10 samples with 95 % CI (lower is better)",
			Caption:  "AMD EPYC 7763 · 2 of 64 CPUs · linux 6.8 · go1.26.8 · GOMAXPROCS pinned · seed 42",
		},
		Unit: unit, Groups: []string{"1", "2", "4", "8"}, Across: "workers",
	}
	factor := map[string]float64{"serial": 1, "goroutine": 1, "gomaxprocs1": 1.02, "thread": 1.01, "process": 1.04, "spawn": 3.2, "hybrid": 1.05}
	for i, m := range modes {
		s := Series{Name: m}
		for g, w := range []float64{1, 2, 4, 8} {
			par := math.Min(w, 4)
			if m == "gomaxprocs1" || m == "serial" {
				par = 1
			}
			v := within(base*factor[m]/par, 0.02+0.01*float64(i))
			if m == "serial" && g > 0 {
				v = Absent()
			}
			s.Values = append(s.Values, v)
		}
		b.Series = append(b.Series, s)
	}
	return b
}

func memory() Bars {
	b := sevenModes("B", 9<<20)
	b.Title, b.Subtitle = "Every worker process adds three megabytes", "Peak memory (PSS) of the whole process tree, median with 95 % CI (lower is better)"
	for i := range b.Series {
		for g := range b.Series[i].Values {
			v := &b.Series[i].Values[g]
			if modes[i] == "process" || modes[i] == "hybrid" || modes[i] == "spawn" {
				*v = within(float64(12<<20)*(1+0.8*float64(g)), 0.03)
			}
		}
	}
	return b
}

func cpu() Bars {
	b := sevenModes("sec/op", 250e-6)
	b.Title, b.Subtitle = "The work is the same everywhere; what differs is the system's share", "CPU seconds per unit, user and system, all processes of the mode, median with 95 % CI (lower is better)"
	b.Groups, b.Across = b.Groups[:2], "workers"
	b.Parts = [2]string{"user", "system"}
	for i := range b.Series {
		s := &b.Series[i]
		s.Values = s.Values[:2]
		for _, v := range s.Values {
			s.Lower = append(s.Lower, v.Center*0.97/math.Sqrt(float64(1+i%4)))
		}
	}
	return b
}

func scaling(xs []float64, names []string, cores int) Scaling {
	s := Scaling{
		Frame: Frame{
			Title:    "hash: near-linear to the core count, then flat",
			Subtitle: "Speedup over serial, median of 10 samples with 95 % CI band (higher is better), log2 axes",
			Caption:  "made-up data · go1.26.8 linux/amd64",
		},
		Cores: cores,
	}
	cost := map[string]float64{"serial": 1, "goroutine": 0.99, "gomaxprocs1": 0.985, "thread": 0.97, "process": 0.93, "spawn": 0.021, "hybrid": 0.9}
	for _, m := range names {
		l := Line{Name: m}
		for i, x := range xs {
			if m == "serial" && x > 1 {
				continue
			}
			par := math.Min(x, float64(cores))
			if m == "gomaxprocs1" || m == "serial" {
				par = 1
			}
			y := within(cost[m]*math.Pow(par, 0.97), 0.01+0.02*float64(i))
			if m == "hybrid" && i == 1 {
				y = Exact(y.Center)
			}
			l.Points = append(l.Points, Point{x, y})
		}
		s.Lines = append(s.Lines, l)
	}
	return s
}

func latency(names []string) Quantiles {
	q := Quantiles{
		Frame: Frame{
			Title:    "Half of all units take the same time everywhere; the slowest thousandth waits for the scheduler",
			Subtitle: "Latency of a unit at 2 workers, median of 10 samples with 95 % CI (lower is better), log axis",
			Caption:  "made-up data · go1.26.8 linux/amd64",
		},
		Unit: "sec",
	}
	for i, m := range names {
		base := 120e-6 * (1 + 0.08*float64(i))
		if m == "spawn" {
			base = 4.2e-3
		}
		l := Line{Name: m}
		for k, x := range []float64{50, 90, 99, 99.9} {
			if m == "thread" && x == 99.9 {
				continue
			}
			l.Points = append(l.Points, Point{x, within(base*math.Pow(1.3+0.25*float64(i%4), float64(k)), 0.02+0.05*float64(k))})
		}
		q.Lines = append(q.Lines, l)
	}
	return q
}

// efficiency has tasks of 10 ns to 50 ms, each charged for what its mode adds to
// the work, on two cores. Those of serial are never below a half.
func efficiency(names []string) Efficiency {
	e := Efficiency{Frame: Frame{
		Title:    "spin: goroutine keeps half of its peak rate of work down to tasks of 40\u00a0ns; spawn keeps half down to tasks of 18\u00a0ms",
		Subtitle: "Rate of work, as a share of each mode's own peak, against task granularity, median of 10 samples with 95 % CI (higher is better), log axis",
		Caption:  "made-up data · go1.26.8 linux/amd64",
	}}
	const cores = 2
	charged := map[string]float64{"serial": 4e-9, "goroutine": 20e-9, "gomaxprocs1": 15e-9, "thread": 22e-9, "process": 90e-9, "spawn": 9e-3, "hybrid": 110e-9}
	for _, m := range names {
		l := Line{Name: m}
		idle := 1.0
		if m == "gomaxprocs1" {
			idle = cores
		}
		for work := 10e-9; work < 60e-3; work *= 3.3 {
			sec := (work + charged[m]) * idle
			l.Points = append(l.Points, Point{sec, within(work/(work+charged[m]), 0.04)})
		}
		e.Lines = append(e.Lines, l)
		at := within(2*charged[m]*idle, 0.1)
		if m == "serial" {
			at = Absent()
		}
		e.Crossings = append(e.Crossings, at)
	}
	return e
}

// decision has fields of all sorts: won by little and by much, not decided, with
// too few samples, not measured.
func decision() Decision {
	win := func(mode string, margin float64, notes ...string) Field {
		return Field{Modes: []string{mode}, Margin: margin, Notes: notes}
	}
	tie := func(notes string, modes ...string) Field {
		return Field{Modes: modes, Undecided: "no difference", Notes: []string{notes}}
	}
	return Decision{
		Frame: Frame{
			Title:    "goroutine or serial is among the fastest in 7 of 14 fields; in 3, only processes are",
			Subtitle: "Fastest mode by kind of work and size of task (what serial takes for one), how much longer the next mode takes, and speedup over serial, at 2 workers, median of 6 samples with 95 % CI",
			Caption:  "made-up data · go1.26.8 linux/amd64",
		},
		Sizes: []string{"1\u00a0µs", "10\u00a0µs", "100\u00a0µs", "1\u00a0ms", "10\u00a0ms", "100\u00a0ms"}, Across: "task",
		Lines: []DecisionLine{
			{Name: "CPU: spin", Fields: []Field{
				win("serial", 2.31, "by 2.31×"),
				win("goroutine", 1.31, "by 31 %", "1.31× serial"),
				tie("1.90–1.93× serial", "goroutine", "thread"),
				win("goroutine", 1.012, "by 1.2 %", "1.98× serial"),
				tie("1.97–1.99× serial", "goroutine", "thread", "process", "hybrid"),
				win("process", 1.05, "by 5.0 %", "1.99× serial"),
			}},
			{Name: "mixed: mixed", Fields: []Field{
				{},
				{Undecided: "too few samples"},
				win("thread", 1.6, "by 1.60×", "1.93× serial"),
				win("hybrid", 1.2, "by 20 %", "1.93× serial"),
				win("spawn", 1.4, "by 40 %", "1.93× serial"),
				win("gomaxprocs1", 1.8, "by 1.80×", "1.93× serial"),
			}},
			{Name: "waiting: sleep", Fields: []Field{
				{}, {}, {},
				tie("1.99–2.00× serial", "goroutine", "gomaxprocs1", "thread", "process", "hybrid"),
				tie("1.99–2.00× serial", "goroutine", "gomaxprocs1"),
			}},
		},
	}
}

// sizes has curves that cross, of six ways.
func sizes() Sizes {
	s := Sizes{
		Frame: Frame{
			Title:    "RoundTrip: the fastest way of processes takes 62.7× as long as that of goroutines at 8 B, 0.24× at 16 MiB",
			Subtitle: "Time by size, median of 6 samples with 95 % CI band (lower is better), log axes",
			Caption:  "made-up data · go1.26.8 linux/amd64",
		},
		Unit: "sec/op", SizeIn: "B", Across: "size",
	}
	for _, w := range []struct {
		Way
		least, perByte float64
	}{
		{Way{"channel", Goroutines}, 500e-9, 0.8e-9},
		{Way{"pipe", Processes}, 16e-6, 2e-9},
		{Way{"queue", Processes}, 270e-6, 15e-9},
		{Way{"sharedmemory", Processes}, 20e-6, 0.2e-9},
		{Way{"pythonpipe", Python}, 50e-6, 8e-9},
		{Way{"pythonqueue", Python}, 37e-6, 3e-9},
	} {
		l := WayLine{Way: w.Way}
		for i, x := range []float64{8, 64, 1 << 10, 16 << 10, 256 << 10, 1 << 20, 16 << 20} {
			l.Points = append(l.Points, Point{x, within(w.least+w.perByte*x, 0.05*float64(1+i%3))})
		}
		s.Lines = append(s.Lines, l)
	}
	return s
}

// dots has rows with several ways of a side, close to each other and far apart,
// and one that is of no side.
func dots() Dots {
	dot := func(name string, side Side, v, share float64) Dot { return Dot{Way{name, side}, within(v, share)} }
	return Dots{
		Frame: Frame{
			Title:    "Processes take 24.0× as long as goroutines, median over 12 primitives",
			Subtitle: "Time of one, median of 6 samples with 95 % CI (further left is better), log axis",
			Caption:  "made-up data · go1.26.8 linux/amd64",
		},
		Unit: "sec/op",
		Rows: []DotRow{
			{"Dispatch (chunk=one)", []Dot{dot("channel", Goroutines, 206e-9, 0.1), dot("pool", Processes, 130e-9, 0.3), dot("python", Python, 45e-6, 0.1)}},
			{"StartJoin", []Dot{
				dot("goroutine", Goroutines, 579e-9, 0.02), dot("spare", Processes, 7e-3, 0.1), dot("process", Processes, 23.6e-3, 0.3),
				dot("pythonfork", Python, 17e-3, 0.1), dot("pythonforkserver", Python, 33e-3, 0.05), dot("pythonspawn", Python, 88e-3, 0.1),
			}},
			{"Counter", []Dot{
				dot("atomic", Goroutines, 7.4e-9, 0.02), dot("rawvalue", Processes, 6.2e-9, 0.02), {Way{"value", Processes}, Exact(890e-9)},
				dot("manager", Processes, 230e-6, 0.6), dot("python", Python, 520e-9, 0.1), dot("zeromq", Others, 61e-6, 0.1),
			}},
			{"Lock (what=semaphore, contended=yes)", []Dot{dot("channel", Goroutines, 400e-9, 0.4), dot("multiproc", Processes, 1.5e-6, 0.2), dot("python", Python, 292e-9, 0.1)}},
		},
	}
}

// trend has a level that rises at two thirds of the points and falls again, some
// points with intervals and one that is absent.
func trend(n int) Trend {
	t := Trend{
		Frame: Frame{
			Title:    "Hash/size=64KiB sec/op: 2 changes of level, the last −3.0\u00a0% at 0000013",
			Subtitle: "Median by revision (lower is better); grey: the level between changes of it",
			Caption:  "made-up data · linux/amd64, 2 CPUs",
		},
		Unit: "sec/op", Across: "revision", Range: "whisker: lowest to highest of several checks",
	}
	first, second := n/2, n/2+n/4
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		level := 2.00e-3
		switch {
		case i >= second:
			level = 2.10e-3
		case i >= first:
			level = 2.165e-3
		}
		v := Exact(level * (1 + 0.012*(rng.Float64()-0.5)))
		switch {
		case i == 4:
			v = Absent()
		case i%5 == 2:
			v = within(v.Center, 0.008)
		}
		t.Points = append(t.Points, TrendPoint{fmt.Sprintf("%07x", i+1), v})
	}
	if n < 4 {
		return t
	}
	t.Levels = []TrendLevel{{0, first - 1, 2.00e-3}, {first, second - 1, 2.165e-3}, {second, n - 1, 2.10e-3}}
	t.Changes = []TrendChange{{first, "+8.2\u00a0%", true}, {second, "−3.0\u00a0%", false}}
	return t
}

func overview() Overview {
	o := Overview{
		Frame: Frame{
			Title:    "Two workers nearly halve the time of everything that computes, in goroutines as in processes",
			Subtitle: "Speedup over serial at 2 workers, median of 10 samples with 95 % CI (longer is better)",
			Caption:  "made-up data · go1.26.8 linux/amd64",
		},
		Workers: 2,
		Groups:  []string{"hash", "primes", "spin", "sleep", "file sync=true", "mixed"},
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, m := range modes[1:] {
		s := Series{Name: m}
		for g := range o.Groups {
			v := 1.9 + 0.1*rng.Float64()
			switch {
			case m == "spawn":
				v = 0.02 * math.Pow(2.5, float64(g))
			case m == "gomaxprocs1" && g != 3:
				v = 0.95 + 0.1*rng.Float64()
			}
			s.Values = append(s.Values, within(v, 0.01+0.1*rng.Float64()))
		}
		o.Series = append(o.Series, s)
	}
	o.Series[4].Values[1] = Absent()
	return o
}
