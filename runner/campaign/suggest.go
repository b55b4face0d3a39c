package campaign

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// UnknownName is the error of a name that is none of names: it lists them and
// suggests the nearest. What says what kind of name it is.
func UnknownName(what, name string, names []string) error {
	text := fmt.Sprintf("unknown %s %q", what, name)
	if near := nearest(name, names); near != "" {
		text += fmt.Sprintf(", did you mean %s?", near)
	}
	if len(names) == 0 {
		return fmt.Errorf("%s: there is none at all", text)
	}
	return fmt.Errorf("%s (there are %s)", text, strings.Join(names, ", "))
}

// nearest returns the name that is most likely meant: the one that begins with
// what was typed, else the one with the fewest letters wrong, if that is not
// more than a third of them and one (two swapped letters count as two). The
// dashes of a flag, and what else stands before a name, are no letters of it.
func nearest(typed string, names []string) string {
	const marks = "-/."
	typed = strings.ToLower(typed)
	letters := len(strings.TrimLeft(typed, marks))
	best, bestDistance := "", letters/3+2
	for _, name := range names {
		lower := strings.ToLower(name)
		if letters > 1 && strings.HasPrefix(lower, typed) {
			return name
		}
		if d := levenshtein.ComputeDistance(typed, lower); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}
