package check

import (
	"runtime"
	"time"
)

// controlTime is the wall time of a sample of the control benchmark that is
// aimed at, at most.
const controlTime = 50 * time.Millisecond

// controlWords is the size of the table that the control kernel walks through:
// 32 KiB, about a first-level cache.
const controlWords = 4 << 10

// control does n units of a fixed kernel, some arithmetic and some memory, and
// returns what it computed, so that no compiler leaves it out.
func control(n uint64) uint64 {
	table := make([]uint64, controlWords)
	x := uint64(0x9e3779b97f4a7c15)
	for range n {
		for range 1024 { // xorshift64*, Vigna 2016
			x ^= x >> 12
			x ^= x << 25
			x ^= x >> 27
			table[x%controlWords] += x * 0x2545f4914f6cdd1d
		}
	}
	for _, w := range table {
		x ^= w
	}
	return x
}

// timeControl returns how long n units take.
func timeControl(n uint64) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := time.Now()
	sum := control(n)
	elapsed := time.Since(start)
	runtime.KeepAlive(sum)
	return elapsed
}

// calibrateControl returns how many units take about as long as target.
func calibrateControl(target time.Duration) uint64 {
	n := uint64(1)
	for {
		t := timeControl(n)
		if t >= target/2 {
			return max(1, uint64(float64(n)*float64(target)/float64(t)))
		}
		n *= 2
	}
}
