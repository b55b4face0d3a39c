package check

import (
	"slices"
	"strings"
)

// flagOf takes a flag of the go command apart; ok is false of what is no flag, such
// as a value that stands in a word of its own.
func flagOf(word string) (name, value string, ok bool) {
	name, ok = strings.CutPrefix(word, "-")
	name, value, _ = strings.Cut(strings.TrimPrefix(name, "-"), "=")
	return name, value, ok
}

func isLinkerFlag(word string) bool {
	name, _, ok := flagOf(word)
	return ok && name == "ldflags"
}

// linkerFlags takes -ldflags out of flags of the go command, of which the last counts.
// One without a value stays among the others.
func linkerFlags(flags []string) (ldflags string, others []string) {
	for i := 0; i < len(flags); i++ {
		_, value, with := strings.Cut(flags[i], "=")
		switch {
		case isLinkerFlag(flags[i]) && with:
			ldflags = value
		case isLinkerFlag(flags[i]) && i+1 < len(flags): // in a word of its own
			i++
			ldflags = flags[i]
		default:
			others = append(others, flags[i])
		}
	}
	return ldflags, others
}

// readFiles reports whether what is built with some flags depends on the content of
// files that they name.
func readFiles(flags []string) bool {
	return slices.ContainsFunc(flags, func(word string) bool {
		name, value, ok := flagOf(word)
		switch name {
		case "overlay", "toolexec", "modfile":
			return ok
		case "pgo":
			return ok && value != "auto" && value != "off"
		}
		return false
	})
}
