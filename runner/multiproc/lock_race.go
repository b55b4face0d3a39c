//go:build race

package multiproc

import (
	"runtime"
	"unsafe"
)

// The race detector does not see what is done in memory that no Go program has
// allocated: it is told here that a lock orders the goroutines of a process.
var raceOrder [1024]byte

func raceAcquired(lock uint64) { runtime.RaceAcquire(unsafe.Pointer(&raceOrder[lock%1024])) }
func raceReleased(lock uint64) { runtime.RaceReleaseMerge(unsafe.Pointer(&raceOrder[lock%1024])) }
