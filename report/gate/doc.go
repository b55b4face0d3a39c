// Package gate says what a check came to: it chooses which numbers are judged,
// has package verdict judge them, makes one verdict and one exit status of the
// whole, and says it to people and to machines.
//
//	in := gate.Input{Check: check, Series: series, Plan: plan}
//	o, err := gate.Judge(in)
//	for benchmark, pairs := range o.Wants() { … } // measure on, and judge again
//	err = o.Write(os.Stdout, gate.Markdown)
//	os.Exit(o.Status())
//
// # The verdict of the whole
//
// What comes first in this list decides:
//
//  1. [Regressed], status 1: at least one regression is confirmed and no guard
//     speaks against it. No failure elsewhere makes it less real.
//  2. [Unmeasured], status 4: nothing matched or nothing could be compared, or
//     something that base has is gone, crashed, timed out or printed garbage on
//     head, or its values cannot be compared. That is never a pass: what head
//     does there is not known.
//  3. [Inconclusive], status 3, or 0 where the caller lets it pass: a decision
//     stayed open, a guard spoke up, or a benchmark failed on base alone. Head
//     works there, but nothing says how it compares.
//  4. [Fine], status 0. A benchmark that is new on head is named, and is no
//     reason for another verdict.
//
// A benchmark that failed in some rounds has been judged by the others, and its
// decisions stand beside the failure.
//
// # Guards
//
// The control benchmark is the same on both sides. If its own interval excludes
// that they are equally fast, by more than a bound, then something favoured one
// side: what was decided by the clock is inconclusive then, regressions as well
// as what was fine. If its pairs spread more than another bound, regressions
// are, but for those that are larger than that spread. Counts of allocations are
// beyond both, also those that vary a little.
//
// # Voices
//
// Everything that comes from outside (names, revisions, messages, what a process
// wrote to its standard error) is escaped in each voice as that voice demands.
// Numbers that are not known are absent or null, never zero.
package gate
