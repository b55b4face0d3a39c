//go:build !linux && !darwin

package campaign

import (
	"os"

	"github.com/gvp-bench/gvp/results"
)

func readSystem(m *results.Machine) {
	// Windows keeps the CPU's model here; elsewhere it is not set.
	m.CPU = os.Getenv("PROCESSOR_IDENTIFIER")
}
