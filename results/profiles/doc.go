// Package profiles keeps the CPU profiles of a run: it gathers what the
// processes of a host wrote, labels and merges it, and stores the sum in the run
// folder, one file a mode.
//
// Every sample of a stored profile has three labels: mode, workload and worker.
// Workers are w0, w1, … and host; a worker is never plain digits, because pprof
// reads -tagfocus=worker=1 as a range of numbers.
//
// It is a package of its own so that package results, which the bench binary
// links, does not bring pprof with it.
package profiles
