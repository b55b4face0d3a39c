package report

import (
	"math"
	"math/rand/v2"
	"slices"
)

// A METG is the minimum effective task granularity of a mode: the smallest
// granularity of tasks with which it still reaches half of its peak rate of
// work (Slaughter et al., Task Bench: A Parameterized Benchmark for Evaluating
// Parallel Runtime Performance, SC'20). The smaller, the less a mode charges for
// handing out a task.
type METG struct {
	Mode    string
	Workers int

	// Cores is how many CPUs a task is charged for: one for each worker, as far
	// as the machine has them. They are set aside for the mode whether it can
	// use them or not, so that gomaxprocs1 pays for those that it leaves idle.
	Cores int

	Points []Grain // by rising size; at least two

	// Seconds is the smallest granularity at which the rate of work is half of the
	// peak, with its 95 % interval. 0 stands for less than Least: there, the
	// rate is above half of the peak at every size. +Inf stands for more than
	// Most: there, the rate does not come to half of its peak. The interval's Lo
	// is -Inf if there are too few samples for one.
	Seconds Interval

	Least, Most float64 // granularities at the smallest and the largest size

	// Peak is the best efficiency: the time that the work itself takes, as serial
	// shows it, over what is charged for it.
	Peak float64
}

// A Grain is how a mode did with tasks of one size.
type Grain struct {
	Size float64 // value of the parameter, which the work of a task is proportional to

	// Seconds is the granularity: wall time × cores / tasks.
	Seconds Interval

	// Share is the rate of work as a share of the mode's peak, which is that of
	// the best median.
	Share Interval

	samples []float64 // granularities
}

// rate returns the work per charged second.
func (g Grain) rate() float64 { return g.Size / g.Seconds.Center }

// leastSamples is how many samples each size must have for an interval: fewer
// give none of a median that holds it 95 times in 100 (2·½⁵ > 0.05).
const leastSamples = 6

// measured completes a METG that has its points with their samples. It reports
// whether there are enough of them to say anything.
func (m *METG) measured() bool {
	m.Points = slices.DeleteFunc(m.Points, func(g Grain) bool { return len(g.samples) == 0 })
	if len(m.Points) < 2 {
		return false
	}
	fewest, peak := math.MaxInt, 0.0
	for i := range m.Points {
		g := &m.Points[i]
		g.Seconds = summarise(g.samples)
		peak = max(peak, g.rate())
		fewest = min(fewest, len(g.samples))
	}
	for i := range m.Points {
		g := &m.Points[i]
		share := func(sec float64) float64 { return g.Size / sec / peak }
		g.Share = Interval{share(g.Seconds.Center), math.Inf(-1), math.Inf(1)}
		if g.Seconds.Lo > 0 && !math.IsInf(g.Seconds.Hi, 0) {
			g.Share.Lo, g.Share.Hi = share(g.Seconds.Hi), share(g.Seconds.Lo)
		}
	}
	m.Least, m.Most = m.Points[0].Seconds.Center, m.Points[len(m.Points)-1].Seconds.Center
	m.Seconds = Interval{crossing(m.Points), math.Inf(-1), math.Inf(1)}
	if fewest >= leastSamples {
		m.Seconds.Lo, m.Seconds.Hi = m.bootstrapped()
	}
	return true
}

// crossing returns the smallest granularity at which the rate of work is half of
// its peak: 0 if it is more at the smallest size, and +Inf if the peak is not in
// sight. A larger size at which it is less again is passed over, as by the
// definition: noise makes work slower, seldom faster. Between two sizes, the rate
// is taken to be linear in the logarithm of the granularity. Where a task is
// charged a fixed time, that is too much, by a tenth at half a decade from size
// to size.
func crossing(points []Grain) float64 {
	best := 0
	for i, g := range points {
		if g.rate() > points[best].rate() {
			best = i
		}
	}
	if best == len(points)-1 && rising(points) {
		return math.Inf(1)
	}
	half := points[best].rate() / 2
	first := slices.IndexFunc(points, func(g Grain) bool { return g.rate() >= half })
	if first == 0 {
		return 0
	}
	below, above := points[first-1], points[first]
	t := (half - below.rate()) / (above.rate() - below.rate())
	return below.Seconds.Center * math.Pow(above.Seconds.Center/below.Seconds.Center, t)
}

// rising reports whether the largest tasks are still so far from the peak that
// more than half of their time is not work. What work alone takes shows in how
// much longer the largest task takes than the one before it: what both are
// charged beside it cancels out. Half of the best rate that was seen would then
// be no half of the peak, and what is charged for a task would pass for its
// smallest size.
func rising(points []Grain) bool {
	n := len(points)
	if n < 2 {
		return true
	}
	last, before := points[n-1], points[n-2]
	work := (last.Seconds.Center - before.Seconds.Center) / (last.Size - before.Size) * last.Size
	return last.Seconds.Center > 2*work
}

const (
	resamples     = 2000
	bootstrapSeed = 1 // fixed: the same samples always give the same interval
)

// bootstrapped returns the percentile interval of the bootstrap (Efron and
// Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3): the samples
// of each size are drawn anew, with replacement, and the crossing is looked for
// in their medians. The center is always within it.
func (m *METG) bootstrapped() (lo, hi float64) {
	rng := rand.New(rand.NewPCG(bootstrapSeed, 0))
	drawn := slices.Clone(m.Points)
	all := make([]float64, resamples)
	var buf []float64
	for k := range all {
		for i, g := range m.Points {
			buf = buf[:0]
			for range g.samples {
				buf = append(buf, g.samples[rng.IntN(len(g.samples))])
			}
			slices.Sort(buf)
			drawn[i].Seconds.Center = median(buf)
		}
		all[k] = crossing(drawn)
	}
	slices.Sort(all)
	const outside = resamples * (1 - confidence) / 2
	return min(all[int(outside)], m.Seconds.Center), max(all[resamples-1-int(outside)], m.Seconds.Center)
}
