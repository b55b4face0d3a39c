package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// say writes a line of talk. On a terminal it is broken between words.
func (t *tool) say(format string, args ...any) {
	// There is nobody left to tell that standard error cannot be written.
	_, _ = fmt.Fprintln(t.stderr, wrap("gvp: "+fmt.Sprintf(format, args...), "     ", width(t.stderr)))
}

// wrap breaks a text into lines of at most width columns, those after the first
// indented, or leaves it as it is if width is 0. A command between backquotes
// stays in one piece, so that it can be copied; the terminal breaks those that
// are too long.
func wrap(text, indent string, width int) string {
	if width <= 0 || utf8.RuneCountInString(text) <= width {
		return text
	}
	var b strings.Builder
	line := 0 // columns of the last line
	for i, word := range talkWords(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case line+1+n > width:
			b.WriteString("\n" + indent)
			line = len(indent)
		default:
			b.WriteString(" ")
			line++
		}
		b.WriteString(word)
		line += n
	}
	return b.String()
}

// talkWords splits a text into what a line may be broken between.
func talkWords(text string) []string {
	var words []string
	quoted := false
	for word := range strings.SplitSeq(text, " ") {
		if quoted {
			words[len(words)-1] += " " + word
		} else {
			words = append(words, word)
		}
		if strings.Count(word, "`")%2 == 1 {
			quoted = !quoted
		}
	}
	return words
}
