// Package campaign is the measuring side of the tool. It plans the cells of a
// run, starts a fresh host of the bench binary for each sample, in a new random
// order each round, and writes what they answer to the run's folder, at once.
//
// A run that was cut off, even by kill -9 or a full disk, is completed by
// [Resume]. Faults of one host fail its sample; only what concerns the whole
// run (the folder, the bench binary, an interruption) ends it.
package campaign
