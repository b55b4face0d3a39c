package campaign

import (
	"golang.org/x/sys/unix"

	"github.com/gvp-bench/gvp/results"
)

func readSystem(m *results.Machine) {
	if v, err := unix.Sysctl("kern.osrelease"); err == nil {
		m.Kernel = v
	}
	if v, err := unix.Sysctl("machdep.cpu.brand_string"); err == nil {
		m.CPU = v
	}
	if n, err := unix.SysctlUint32("hw.logicalcpu"); err == nil {
		m.CPUs = int(n)
		if cores, err := unix.SysctlUint32("hw.physicalcpu"); err == nil {
			smt := n > cores
			m.SMT = &smt
		}
	}
	if n, err := unix.SysctlUint64("hw.memsize"); err == nil {
		m.Memory = int64(n)
	}
}
