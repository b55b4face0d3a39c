package runner

import (
	"strconv"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/workloads"
)

// sample derives the metrics from what was read.
func (r *reading) sample(job workloads.Job, startup time.Duration) *results.Sample {
	s := &results.Sample{
		Units:     r.units,
		Digest:    r.fold,
		Processes: append([]results.Process{{Role: "host", GOMAXPROCS: r.hostCPU}}, r.report.processes...),
	}
	add := func(unit string, v float64) {
		s.Metrics = append(s.Metrics, results.Metric{Unit: unit, Value: round(v)})
	}
	n := float64(r.units)
	add(results.SecPerOp, r.wall.Seconds()/n)
	if job.BytesPerUnit > 0 {
		add(results.BytesPerSec, n*float64(job.BytesPerUnit)/r.wall.Seconds())
	}
	add(results.UserPerOp, r.used.User/n)
	add(results.SysPerOp, r.used.Sys/n)
	if countsSwitches {
		add(results.VoluntaryOp, r.used.Voluntary/n)
		add(results.InvoluntaryOp, r.used.Involuntary/n)
	}
	add(results.StartupSec, startup.Seconds())
	add(peakUnit, float64(r.report.peak))
	for _, q := range []struct {
		unit string
		q    float64
	}{{results.P50Sec, .5}, {results.P90Sec, .9}, {results.P99Sec, .99}, {results.P999Sec, .999}} {
		if v, ok := r.report.latency.quantile(q.q); ok {
			add(q.unit, v)
		}
	}
	add(results.AllocsPerOp, r.used.Allocs/n)
	add(results.AllocBytesOp, r.used.Bytes/n)
	add(results.GCPerOp, r.used.GC/n)
	return s
}

// round drops the digits of v that only tell of binary fractions: nothing here
// is measured to nine digits.
func round(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 9, 64), 64)
	if err != nil {
		return v
	}
	return r
}
