package main

import (
	"os"
	"strings"
	"testing"
)

// The README shows the example module as it is built and run here.
func TestREADMEShowsTheExampleModule(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for file, from := range map[string]string{
		"collatz.go": "// collatz follows",
		"main.go":    "func main()",
	} {
		source, err := os.ReadFile("testdata/mybench/" + file)
		if err != nil {
			t.Fatal(err)
		}
		_, code, ok := strings.Cut(string(source), from)
		if !ok || !strings.Contains(string(readme), from+strings.TrimRight(code, "\n")) {
			t.Errorf("the README does not show %s from %q on", file, from)
		}
	}
}
