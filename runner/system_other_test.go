//go:build !linux

package runner

import (
	"testing"

	"github.com/gvp-bench/gvp/workloads"
)

// Where the system does not list them, nothing is counted.
func openDescriptors(*testing.T) int { return 0 }
func childProcesses(*testing.T) int  { return 0 }

// What there is for other systems is in every system's list.
func systemWorkloads() []workloads.Workload { return nil }
func systemGrowths() map[string]growth      { return nil }

// Nobody contends where a thread cannot be kept on a CPU.
func contend(*testing.T) {}
func spin(int)           {}
