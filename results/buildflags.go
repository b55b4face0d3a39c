package results

import (
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

// BuildFlags returns the flags that a binary was built with, in order of their names,
// without those that all have and those that change nothing of how fast it is.
func BuildFlags(settings []debug.BuildSetting) string {
	var flags []string
	for _, s := range settings {
		switch flag := s.Key + "=" + s.Value; {
		case !strings.HasPrefix(s.Key, "-"), s.Key == "-trimpath", flag == "-buildmode=exe", flag == "-compiler=gc":
		case s.Key == "-pgo": // where the source lay does not matter
			flags = append(flags, s.Key+"="+filepath.Base(s.Value))
		case s.Key == "-ldflags":
			if value := LinkerFlags(s.Value); value != "" {
				flags = append(flags, s.Key+"="+value)
			}
		default:
			flags = append(flags, flag)
		}
	}
	slices.Sort(flags)
	return strings.Join(flags, " ")
}

// LinkerFlags returns a value of -ldflags without -X, which sets strings: what a
// program says of itself, such as its version, is no part of how it was built.
func LinkerFlags(value string) string {
	words, err := SplitFlags(value)
	if err != nil {
		return value
	}
	var kept []string
	for i := 0; i < len(words); i++ {
		switch name := strings.Replace(words[i], "--", "-", 1); {
		case name == "-X": // what it sets is a word of its own
			i++
		case !strings.HasPrefix(name, "-X="):
			kept = append(kept, words[i])
		}
	}
	return strings.Join(kept, " ")
}

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
