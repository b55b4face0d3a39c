// Mybench is a bench binary with a workload of its own: `gvp run ./mybench`
// builds it and measures the workload in every mode.
package main

import "github.com/gvp-bench/gvp/runner"

func main() { runner.Main(collatz) }
