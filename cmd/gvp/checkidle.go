package main

import "github.com/spf13/pflag"

// idleFlags says, for each kind of comparison, which flags of check have no effect
// on it: who gives one believes what is not so, such as that the layout of code was
// randomised.
var idleFlags = []struct {
	is         func(*checkFlags) bool
	why        string
	flags      []string
	noPackages bool
}{
	{
		func(f *checkFlags) bool { return f.selfTest },
		"the self-test compares what it builds itself, and says so in text",
		[]string{
			"base", "head", "bench", "workload", "mode", "workers", "param", "layouts", "build-flags", "max-time",
			"inconclusive", "format", "report", "history", "no-profile", "out", "cache",
		},
		true,
	},
	{
		func(f *checkFlags) bool { return !f.selfTest && isResults(f.base) },
		"two files of results are compared as they stand",
		[]string{
			"bench", "workload", "mode", "workers", "param", "rounds", "sample-time", "timeout", "max-time", "layouts", "build-flags",
			"seed", "no-profile", "out", "cache",
		},
		true,
	},
	{
		func(f *checkFlags) bool { return isBinary(f.base) && isBinary(f.head) },
		"both binaries are built already",
		[]string{"layouts", "build-flags", "cache"},
		true,
	},
	{
		func(f *checkFlags) bool { return isBinary(f.base) || isBinary(f.head) },
		"a binary is built already, with its functions in one order",
		[]string{"layouts"},
		false,
	},
}

// checkIdle finds a flag or an argument without effect.
func (f *checkFlags) checkIdle(fs *pflag.FlagSet, packages []string) error {
	for _, kind := range idleFlags {
		if !kind.is(f) {
			continue
		}
		for _, name := range kind.flags {
			if fs.Changed(name) {
				return usagef("--%s has no effect: %s: leave it out", name, kind.why)
			}
		}
		if kind.noPackages && len(packages) > 0 {
			return usagef("package %s has no effect: %s: leave it out", packages[0], kind.why)
		}
	}
	return nil
}

// isBinary reports whether a side is a program that is built already.
func isBinary(name string) bool { return source(name).Binary != "" && !isResults(name) }
