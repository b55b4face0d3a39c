package report

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestTextFitsTheTerminal writes reports at the usual widths of terminals, in
// which no line may be longer than the terminal is wide.
func TestTextFitsTheTerminal(t *testing.T) {
	long := filepath.Join(t.TempDir(), "a-file-with-a-rather-long-name-"+strings.Repeat("x", 60)+".txt")
	var samples strings.Builder
	fmt.Fprintf(&samples, "cpu: %s\npkg: example.org/%s\n", strings.Repeat("Very Long Name ", 12), strings.Repeat("p", 120))
	for i := range 12 {
		fmt.Fprintf(&samples, "BenchmarkEncode/%s/case=one-8 1 %d ns/op\n", strings.Repeat("deeply/nested=", 7), 100+i)
		fmt.Fprintf(&samples, "BenchmarkEncode/%s/case=two-8 1 %d ns/op\n", strings.Repeat("deeply/nested=", 7), 200+i)
	}
	if err := os.WriteFile(long, []byte(samples.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, paths := range [][]string{
		{filepath.Join("..", "results", "example")},
		{long}, {long, long}, {long, "short=" + long, filepath.Join("..", "results", "example")},
	} {
		r := load(t, paths...)
		widths := []int{200, 100, 80, 72, 40}
		if testing.Short() {
			widths = []int{80, 40}
		}
		for _, width := range widths {
			for _, color := range []bool{false, true} {
				var buf bytes.Buffer
				if err := r.WriteText(&buf, TextOptions{Width: width, Color: color}); err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(escapes.ReplaceAllString(buf.String(), "")) {
					if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
						t.Fatalf("%q at %d: a line of %d: %s", paths, width, n, line)
					}
				}
			}
		}
	}
}

// TestRowsFitEightyColumns makes sure that rows fit because they are short, and
// not because they are broken.
func TestRowsFitEightyColumns(t *testing.T) {
	var buf bytes.Buffer
	if err := load(t, filepath.Join("..", "results", "example")).WriteText(&buf, TextOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(buf.String()) {
		if strings.Contains(line, "(p=") && strings.Contains(line, "±") {
			rows++
			if strings.HasPrefix(line, " ") {
				t.Errorf("a broken row: %s", line)
			}
		}
	}
	if rows == 0 {
		t.Error("no rows with p-values")
	}
}

func TestShortenedLabelsStayDifferent(t *testing.T) {
	for _, test := range []struct {
		labels []string
		limit  int
		want   []string
	}{
		{[]string{"hash", "primes/limit=1000"}, 20, []string{"hash", "primes/limit=1000"}},
		{[]string{"hash", "primes/limit=1000"}, 10, []string{"hash", "primes/li…"}},
		{[]string{"primes/limit=1000", "primes/limit=2000"}, 10, []string{"prim…=1000", "prim…=2000"}},
		{[]string{"a-very-long-name-1-z", "a-very-long-name-2-z", "a-very-long-name-1-z"}, 8, []string{"a-v…-1-z", "a-v…-2-z", "a-v…-1-z"}},
		{[]string{"aaaaaaaaaaXaaaaaaaaaa", "aaaaaaaaaaYaaaaaaaaaa"}, 8, []string{"aaaaaa…1", "aaaaaa…2"}},
	} {
		if got := shortened(test.labels, test.limit); !slices.Equal(got, test.want) {
			t.Errorf("shortened(%q, %d) = %q, want %q", test.labels, test.limit, got, test.want)
		}
	}
}

func TestWrapLines(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"short\n\nlines\n", "short\n\nlines\n"},
		{"one two three four\n", "one two\n  three\n  four\n"},
		{"abcdefghijklmn\n", "abcdefghij\n  klmn\n"},
		{"abcdefghij klm\n", "abcdefghij\n  klm\n"},
		{boldStyle + "one two three" + resetStyle + "\n", boldStyle + "one two\n  three" + resetStyle + "\n"},
		{"    abcdefghijk\n", "    abcdef\n  ghijk\n"},
	} {
		if got := wrapLines(test.text, 10); got != test.want {
			t.Errorf("wrapLines(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}
