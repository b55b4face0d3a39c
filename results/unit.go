package results

// A Unit is one of gvp's metrics. Values are in base units (seconds, bytes);
// only a writer for people scales them.
type Unit struct {
	Name   string
	Better int    // -1: lower is better, +1: higher is better
	Help   string // one line
}

// Names of gvp's metrics, as they stand in sample lines.
const (
	SecPerOp      = "sec/op"
	BytesPerSec   = "B/s"
	UserPerOp     = "user-sec/op"
	SysPerOp      = "sys-sec/op"
	VoluntaryOp   = "voluntary-switches/op"
	InvoluntaryOp = "involuntary-switches/op"
	StartupSec    = "startup-sec"
	PeakPSS       = "peak-PSS-B"
	PeakRSS       = "peak-RSS-B"
	P50Sec        = "p50-sec"
	P90Sec        = "p90-sec"
	P99Sec        = "p99-sec"
	P999Sec       = "p99.9-sec"
	AllocsPerOp   = "allocs/op"
	AllocBytesOp  = "B/op"
	GCPerOp       = "GC-sec/op"
	StealRatio    = "steal-ratio"
	PressureRatio = "cpu-pressure-ratio"
	Load          = "load1"
)

// Units lists gvp's metrics in the order in which they are written and shown.
func Units() []Unit {
	return []Unit{
		{SecPerOp, -1, "wall seconds per unit: from the first unit handed out to the last digest in, over the number of units"},
		{BytesPerSec, +1, "bytes worked through per wall second"},
		{UserPerOp, -1, "CPU seconds in user mode per unit, of all processes of the mode, dispatcher included"},
		{SysPerOp, -1, "CPU seconds in the kernel per unit, of all processes of the mode, dispatcher included"},
		{VoluntaryOp, -1, "voluntary context switches per unit (the thread waited), of all processes of the mode"},
		{InvoluntaryOp, -1, "involuntary context switches per unit (the thread was displaced), of all processes of the mode"},
		{StartupSec, -1, "seconds from the first worker's start until all are ready; not part of sec/op, except in spawn, where starting is the unit's cost"},
		{PeakPSS, -1, "bytes of memory at the peak: proportional set sizes summed over the host's process tree"},
		{PeakRSS, -1, "bytes of memory at the peak: resident high-water marks summed over the host's process tree, where the system has no PSS"},
		{P50Sec, -1, "median seconds from a unit's start to its end, as its worker sees it"},
		{P90Sec, -1, "90th percentile of the seconds that a unit takes"},
		{P99Sec, -1, "99th percentile of the seconds that a unit takes; absent below 100 units"},
		{P999Sec, -1, "99.9th percentile of the seconds that a unit takes; absent below 1000 units"},
		{AllocsPerOp, -1, "heap objects allocated per unit, in all processes of the mode; of spawn's, those of the warm-up"},
		{AllocBytesOp, -1, "heap bytes allocated per unit, in all processes of the mode; of spawn's, those of the warm-up"},
		{GCPerOp, -1, "CPU seconds of garbage collection per unit, idle-time marking left out, as the Go runtime estimates them; of spawn's processes, those of the warm-up"},
		{StealRatio, -1, "share of the machine's CPU time that the hypervisor took away during the sample"},
		{PressureRatio, -1, "share of the sample's time in which some task of the machine waited for a CPU"},
		{Load, -1, "load average of the last minute"},
	}
}
