package multiproc

import (
	"os"
	"strings"
)

// Surroundings are what a child has of this process's variables, as they were at
// one time: a program may change them.
type surroundings struct {
	stdin, stdout, stderr *os.File
	argv                  []string
}

// currentSurroundings are those of now. The arguments are the program's name
// alone, which somebody may have taken from os.Args.
func currentSurroundings() surroundings {
	s := surroundings{os.Stdin, os.Stdout, os.Stderr, []string{"multiproc"}}
	if len(os.Args) > 0 {
		s.argv = []string{os.Args[0]}
	}
	return s
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
