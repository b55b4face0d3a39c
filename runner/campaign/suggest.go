package campaign

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// unknown is the error for a name that is none of known.
func unknown(what, name string, known []string) error {
	msg := fmt.Sprintf("unknown %s %q", what, name)
	if n := nearest(name, known); n != "" {
		msg += fmt.Sprintf(", did you mean %s?", n)
	}
	if len(known) == 0 {
		return fmt.Errorf("%s: there is none at all", msg)
	}
	return fmt.Errorf("%s (there are %s)", msg, strings.Join(known, ", "))
}

// nearest returns the one of known that name may be a slip of, or "" if it is
// unlike all of them: half of its letters or more would have to change.
func nearest(name string, known []string) string {
	best, least := "", (len(name)+1)/2
	for _, k := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(k)); d < least || best == "" && d == least {
			best, least = k, d
		}
	}
	return best
}
