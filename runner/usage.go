package runner

import (
	"fmt"
	"runtime"
	"runtime/metrics"
)

// usage is what processes have used. Differences of two readings say what was
// used between them.
type usage struct {
	system
	heap
}

// system is what the operating system counts.
type system struct {
	User        float64 `json:"user"` // seconds
	Sys         float64 `json:"sys"`  // seconds
	Voluntary   float64 `json:"voluntary"`
	Involuntary float64 `json:"involuntary"`
}

// heap is what the Go runtime counts.
type heap struct {
	Allocs float64 `json:"allocs"` // objects
	Bytes  float64 `json:"bytes"`
	GC     float64 `json:"gc"` // CPU seconds
}

// Names in runtime/metrics.
const (
	gcTotal = "/cpu/classes/gc/total:cpu-seconds"
	gcIdle  = "/cpu/classes/gc/mark/idle:cpu-seconds"
)

// A meter reads what this process has used. It allocates nothing while it
// reads, so that of two readings the first is not in the difference.
type meter struct {
	mem runtime.MemStats
	gc  []metrics.Sample
}

func newMeter() *meter {
	m := &meter{gc: gcSamples()}
	m.heap() // package metrics sets itself up at its first reading
	return m
}

// usage returns what this process, and the children that it has reaped, have
// used so far.
func (m *meter) usage() (usage, error) {
	s, err := readSystem()
	if err != nil {
		return usage{}, fmt.Errorf("read this process's resource usage: %w", err)
	}
	return usage{s, m.heap()}, nil
}

// heap reads the runtime's counters. ReadMemStats counts every object at the
// price of stopping the world, which is outside the clock; the counts of
// runtime/metrics lag behind by what each P's cache holds. The seconds of
// collection are brought up to date when a collection ends, so a difference
// counts whole collections; marking in otherwise idle time costs nobody
// anything and is left out.
func (m *meter) heap() heap {
	runtime.ReadMemStats(&m.mem)
	return heap{
		Allocs: float64(m.mem.Mallocs),
		Bytes:  float64(m.mem.TotalAlloc),
		GC:     gcSeconds(m.gc),
	}
}

func gcSamples() []metrics.Sample { return []metrics.Sample{{Name: gcTotal}, {Name: gcIdle}} }

// gcSeconds reads the samples that [gcSamples] made.
func gcSeconds(gc []metrics.Sample) float64 {
	metrics.Read(gc)
	return gc[0].Value.Float64() - gc[1].Value.Float64()
}

// heapAtEnd reads what [meter.heap] does, once, in a process that ends then and
// has not read it before: what setting up package metrics allocates is not in
// it.
func heapAtEnd() heap {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return heap{Allocs: float64(mem.Mallocs), Bytes: float64(mem.TotalAlloc), GC: gcSeconds(gcSamples())}
}

func (h heap) times(n float64) heap { return heap{n * h.Allocs, n * h.Bytes, n * h.GC} }

func (u usage) plus(v usage) usage  { return u.combine(v, 1) }
func (u usage) minus(v usage) usage { return u.combine(v, -1) }

func (u usage) combine(v usage, sign float64) usage {
	return usage{
		system{
			User:        u.User + sign*v.User,
			Sys:         u.Sys + sign*v.Sys,
			Voluntary:   u.Voluntary + sign*v.Voluntary,
			Involuntary: u.Involuntary + sign*v.Involuntary,
		},
		heap{
			Allocs: u.Allocs + sign*v.Allocs,
			Bytes:  u.Bytes + sign*v.Bytes,
			GC:     u.GC + sign*v.GC,
		},
	}
}
