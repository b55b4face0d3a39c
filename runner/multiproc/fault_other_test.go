//go:build !unix

package multiproc

import (
	"errors"
	"os"
	"testing"
)

// systemFault returns nothing: there is no fault that only this system knows.
func systemFault(string) func(result []byte) ([]byte, error) { return nil }

// signalsOutside are those that hit workers from outside.
var signalsOutside = []os.Signal{os.Kill}

// stopAll is for systems that can stop a process.
func stopAll(t *testing.T, _ *Pool) {
	t.Helper()
	t.Skip("nothing stops a process here")
}

// sendToTheStopped is for systems that tell what was written.
func sendToTheStopped(func() error) ([]byte, error) { return nil, errors.ErrUnsupported }
