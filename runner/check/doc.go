// Package check measures two sides of the same Go benchmarks in turn: it gets
// hold of both, builds them, takes pairs of samples in rounds and writes each to
// the folder of a check (see [checks]). It decides nothing: after each round
// it asks its caller how many pairs each benchmark is to have.
//
//	s, err := check.Open(ctx, options, hooks) // both sides built, their benchmarks known
//	defer s.Close()                           // removes worktrees, whatever happened
//	c, err := s.Measure(ctx)
//	profiles, err := s.Profile(ctx, "Encode/size=1KiB")
//
// Benchmarks are those of go test and the cells of bench binaries, whose main
// function is runner.Main; [Options] say which of them.
//
// # What makes the comparison fair
//
// In a round each benchmark that still needs pairs is measured once on each
// side, all in a new random order, each time in a fresh process: drift of the
// machine then hits both sides alike. Both sides are built with the same flags
// and -trimpath, so that the same source gives the same binary wherever it lies,
// and what still depends on that, the length of the environment, is drawn anew
// for each sample.
//
// # How long a sample is
//
// The number of iterations is found once, on base, and is the same for all
// samples of both sides: times per operation can depend on it, be it that
// caches warm up or that an operation costs more the more there were before.
// It grows at most a hundredfold from one try to the next, as in package
// testing, so that a benchmark whose cost grows with b.N is noticed before it
// takes too long; what it is then compared at is the same b.N on both sides. Time
// in which a benchmark has stopped its timer counts, too, towards the length of a
// sample. A benchmark that does not loop over b.N at all takes the same time
// whatever it is, and is measured with an iteration of 1.
package check
