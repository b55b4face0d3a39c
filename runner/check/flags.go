package check

import (
	"fmt"
	"slices"
	"strings"
)

// SplitFlags splits a line of flags for the go command into words, as that splits
// GOFLAGS (cmd/internal/quoted): at blanks, but that a word may stand in single or
// double quotes, in which nothing else has a meaning.
func SplitFlags(text string) ([]string, error) {
	const blanks = " \t\r\n"
	var words []string
	for text = strings.TrimLeft(text, blanks); text != ""; text = strings.TrimLeft(text, blanks) {
		if quote := text[0]; quote == '"' || quote == '\'' {
			word, rest, closed := strings.Cut(text[1:], string(quote))
			if !closed {
				return nil, fmt.Errorf("unclosed quote: %s", text)
			}
			words, text = append(words, word), rest
			continue
		}
		end := strings.IndexAny(text, blanks)
		if end < 0 {
			end = len(text)
		}
		words, text = append(words, text[:end]), text[end:]
	}
	return words, nil
}

// flagOf takes a flag of the go command apart; ok is false of what is no flag, such
// as a value that stands in a word of its own.
func flagOf(word string) (name, value string, ok bool) {
	name, ok = strings.CutPrefix(word, "-")
	name, value, _ = strings.Cut(strings.TrimPrefix(name, "-"), "=")
	return name, value, ok
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
