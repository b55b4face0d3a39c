// Gvp-bench is the bench binary with the built-in workloads. The gvp tool
// drives it.
package main

import (
	"github.com/gvp-bench/gvp/runner"
	"github.com/gvp-bench/gvp/workloads"
)

func main() { runner.Main(workloads.All()...) }
