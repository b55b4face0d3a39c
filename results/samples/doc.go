// Package samples reads the samples of runs, and of any Go benchmark output,
// into memory.
//
// It is a package of its own because the bench binary, which links package
// results, pays for every package at each start and reads none of this.
package samples
