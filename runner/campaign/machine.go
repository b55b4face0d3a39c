package campaign

import (
	"os"
	"runtime"

	"github.com/gvp-bench/gvp/results"
)

// ReadMachine describes this machine, as far as it lets itself be known.
func ReadMachine() results.Machine {
	m := results.Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, PageSize: os.Getpagesize(), UsableCPUs: runtime.NumCPU()}
	for _, name := range []string{"GOGC", "GOMEMLIMIT", "GODEBUG"} {
		if v, ok := os.LookupEnv(name); ok {
			if m.Env == nil {
				m.Env = make(map[string]string)
			}
			m.Env[name] = v
		}
	}
	readSystem(&m)
	return m
}
