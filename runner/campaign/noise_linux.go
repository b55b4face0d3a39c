package campaign

import (
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// A noiseReading is what the kernel has counted so far. What it does not count
// is negative.
type noiseReading struct {
	steal, total float64 // CPU time, in ticks
	pressure     float64 // seconds in which some task waited for a CPU
	load         float64
}

func readNoise() noiseReading {
	r := noiseReading{steal: -1, total: -1, pressure: -1, load: -1}
	if data, err := os.ReadFile("/proc/stat"); err == nil {
		r.steal, r.total = parseStat(string(data))
	}
	if data, err := os.ReadFile("/proc/pressure/cpu"); err == nil {
		r.pressure = parsePressure(string(data))
	}
	if data, err := os.ReadFile("/proc/loadavg"); err == nil {
		first, _, _ := strings.Cut(string(data), " ")
		r.load = number(first)
	}
	return r
}

// parseStat reads the line of all CPUs: user nice system idle iowait irq
// softirq steal guest guest_nice, of which the last two are in the first two
// (proc_stat(5)).
func parseStat(text string) (steal, total float64) {
	line, _, _ := strings.Cut(text, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return -1, -1
	}
	for _, f := range fields[1:9] {
		n := number(f)
		if n < 0 {
			return -1, -1
		}
		total += n
	}
	return number(fields[8]), total
}

// parsePressure reads the total, in µs, of the line "some avg10=… total=…".
func parsePressure(text string) float64 {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 5 && fields[0] == "some" {
			if us, ok := strings.CutPrefix(fields[4], "total="); ok {
				if n := number(us); n >= 0 {
					return n / 1e6
				}
			}
		}
	}
	return -1
}

// number reads a number that is not negative; else it returns -1.
func number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= 1e18) {
		return -1
	}
	return n
}

// since returns the noise between before and r, wall apart.
func (r noiseReading) since(before noiseReading, wall time.Duration) []results.Metric {
	var ms []results.Metric
	if before.total >= 0 && before.steal >= 0 && r.total > before.total && r.steal >= before.steal {
		ms = append(ms, results.Metric{Unit: results.StealRatio, Value: (r.steal - before.steal) / (r.total - before.total)})
	}
	if before.pressure >= 0 && r.pressure >= before.pressure && wall > 0 {
		// The kernel brings its total up to date every now and then, so it
		// may count a little of the time before.
		ms = append(ms, results.Metric{Unit: results.PressureRatio, Value: min(1, (r.pressure-before.pressure)/wall.Seconds())})
	}
	// That at the start: the sample itself is not noise.
	if before.load >= 0 {
		ms = append(ms, results.Metric{Unit: results.Load, Value: before.load})
	}
	return ms
}
