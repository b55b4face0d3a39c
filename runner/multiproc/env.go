package multiproc

import (
	"os"
	"strings"
)

// childArgs are those of a child: the program's name alone, which somebody may
// have taken from os.Args.
func childArgs() []string {
	if len(os.Args) == 0 {
		return []string{"multiproc"}
	}
	return os.Args[:1]
}

// lastOfEach keeps the last value of each variable, the one that counts.
func lastOfEach(env []string) []string {
	last := make(map[string]int, len(env))
	for i, kv := range env {
		key, _, _ := strings.Cut(kv, "=")
		last[key] = i
	}
	kept := env[:0]
	for i, kv := range env {
		if key, _, _ := strings.Cut(kv, "="); last[key] == i {
			kept = append(kept, kv)
		}
	}
	return kept
}
