//go:build !linux

package multiproc

import "testing"

// awaitRecord is for connections through rings.
func awaitRecord(t *testing.T, _ *Connection) {
	t.Helper()
	t.Fatal("there are no rings here")
}
