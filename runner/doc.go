// Package runner is the inside of a bench binary: the workloads it is given,
// the modes, and the host that takes one sample of one cell. A bench binary of
// one's own is a main of one line:
//
//	func main() { runner.Main(mine...) }
//
// The gvp tool builds and drives it. A test binary measures in its own process
// instead, with [Runner.Measure].
package runner
