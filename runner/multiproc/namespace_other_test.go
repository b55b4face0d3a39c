//go:build !linux

package multiproc

import "testing"

// inSmallSharedMemory reports that there is no way to have a small place for
// shared memory.
func inSmallSharedMemory(*testing.T) (elsewhere, small bool) { return false, false }

// fillSharedMemory is for systems where it can be small.
func fillSharedMemory(t *testing.T) (free func()) {
	t.Helper()
	t.Fatal("there is no room to fill")
	return nil
}
