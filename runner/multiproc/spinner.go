package multiproc

import (
	"runtime"
	"sync"
	"time"
)

// A spinner looks for something for a moment before it is slept for, where there
// is a processor to do so on. How long that is, it learns from how often it has
// been worth it.
type spinner struct {
	vain int // tries in a row
}

const (
	// longestSpin is some more than it takes to wake a process that sleeps, and to
	// have an answer from it, where that takes long, as on a virtual machine: two
	// sides that have gone to sleep for each other find back to where they need
	// not.
	longestSpin = 100 * time.Microsecond

	// rareSpin is after how many waits a spinner that has given up tries again.
	rareSpin = 32
)

// until looks until there is what found looks for, and reports whether there is.
func (s *spinner) until(found func() bool) bool { return s.isWorthIt() && s.look(found) }

// isWorthIt tells whether to look.
func (s *spinner) isWorthIt() bool {
	if !maySpin() {
		return false
	}
	if s.vain >= 3 && s.vain%rareSpin != 0 {
		s.vain++
		return false
	}
	return true
}

// look is until, worth it or not.
func (s *spinner) look(found func() bool) bool { return s.lookBetween(func(time.Duration) {}, found) }

// politely is what a goroutine does between looks that other goroutines wait for,
// as it brings them what they get: they run. After a while other threads do, of any
// process; what is on its way between two that run has come by then.
func politely(waited time.Duration) {
	if waited > 10*time.Microsecond {
		yield()
	}
	runtime.Gosched()
}

// lookBetween is look that does something else after every few looks, which is told
// how long that has been.
func (s *spinner) lookBetween(other func(waited time.Duration), found func() bool) bool {
	for began := time.Now(); ; {
		for range 64 {
			if found() {
				s.vain = 0
				return true
			}
		}
		waited := time.Since(began)
		if waited > longestSpin {
			s.vain++
			return false
		}
		other(waited)
	}
}

// maySpin tells whether another process can run while this one spins, and the
// other goroutines of this one, too.
var maySpin = sync.OnceValue(func() bool {
	return runtime.NumCPU() > 1 && runtime.GOMAXPROCS(0) > 1
})
