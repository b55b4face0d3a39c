package table

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchproc"

	"github.com/gvp-bench/gvp/results/samples"
)

// A KeyUse is a key that an option names.
type KeyUse struct{ Option, Key string }

// Keys returns the keys that the options name one by one, in their order. An
// error names the option that is wrong.
func (o Options) Keys() ([]KeyUse, error) {
	b, err := newBuilder(o)
	if err != nil {
		return nil, err
	}
	var ignored benchproc.ProjectionParser
	ignore, err := ignored.Parse(o.Ignore, b.filter)
	if err != nil {
		return nil, syntaxError("ignore", o.Ignore, err)
	}
	var uses []KeyUse
	for _, key := range filterKeys(o.Filter) {
		uses = append(uses, KeyUse{"filter", key})
	}
	for _, p := range []struct {
		option string
		keys   *benchproc.Projection
	}{{"table", b.table}, {"row", b.row}, {"col", b.column}, {"ignore", ignore}} {
		for _, f := range p.keys.Fields() {
			if f != b.unit { // which a table has without being asked
				uses = append(uses, KeyUse{p.option, f.Name})
			}
		}
	}
	return uses, nil
}

// anyKeys are keys that every line has. Without a GOMAXPROCS suffix a line
// counts as one of GOMAXPROCS=1, so that key is always there, too.
var anyKeys = [...]string{".name", ".fullname", ".file", ".config", ".unit", "/gomaxprocs"}

// KeysOf returns the keys that options about a set may name: those of every
// line, then the parts of names, then the settings, each in the order in which
// they appear.
func KeysOf(set *samples.Set) []string {
	keys := slices.Clone(anyKeys[:])
	seen := make(map[string]bool)
	for _, k := range keys {
		seen[k] = true
	}
	add := func(key string) {
		if !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	for _, s := range set.Series {
		_, parts := benchfmt.Name(s.Name).Parts()
		for _, p := range parts {
			if key, _, ok := strings.Cut(string(p), "="); ok && key[0] == '/' {
				add(key)
			}
		}
	}
	for _, s := range set.Series {
		for _, c := range s.Config {
			add(c.Key)
		}
	}
	return keys
}

// filterKeys returns the keys of the terms of a filter, which must be without
// syntax errors. The parser keeps what it finds to itself; what it calls words,
// operators and regular expressions is described at
// https://pkg.go.dev/golang.org/x/perf/benchproc/syntax.
func filterKeys(filter string) []string {
	var keys []string
	value, list := false, false // what is next: a value, and one of several
	for rest := strings.TrimSpace(filter); rest != ""; rest = strings.TrimSpace(rest) {
		n := tokenLen(rest, value)
		token := rest[:n]
		rest = rest[n:]
		switch {
		case token == ":":
			value = true
		case value && token == "(":
			list = true
		case list && token == ")":
			value, list = false, false
		case value:
			value = list
		case token != "AND" && token != "OR" && !strings.ContainsAny(token[:1], startOperators):
			if unquoted, err := strconv.Unquote(token); err == nil {
				token = unquoted
			}
			keys = append(keys, token)
		}
	}
	return slices.Compact(keys)
}

const (
	operators      = "():@,"
	startOperators = operators + "-*" // which may stand inside words
)

// tokenLen returns how many bytes the first token of text has. Only a value
// may be a regular expression.
func tokenLen(text string, value bool) int {
	switch {
	case strings.ContainsAny(text[:1], startOperators):
		return 1
	case text[0] == '"':
		for i := 1; i < len(text); i++ {
			if text[i] == '"' && text[i-1] != '\\' {
				return i + 1
			}
		}
		return len(text)
	case value && text[0] == '/':
		return regexpLen(text)
	}
	end := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(operators, r) })
	if end < 0 {
		return len(text)
	}
	return end
}

// regexpLen returns the length of the regular expression at the start of text
// with its slashes. One inside brackets or parentheses does not end it.
func regexpLen(text string) int {
	classes, groups := 0, 0
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '/' && classes == 0 && groups == 0:
			return i + 1
		case c == '\\':
			i++
		case c == '[':
			classes++
		case c == ']':
			classes = max(0, classes-1)
		case c == '(' && classes == 0:
			groups++
		case c == ')' && classes == 0:
			groups--
		}
	}
	return len(text)
}
