package results

import "testing"

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"62.1\u00a0µs ± 3 % 🟢":   "62.1\u00a0µs ± 3 % 🟢",
		"\x1b]0;hi\a":            `\x1b]0;hi\a`,
		"a\x9bb\u009bc\u202ed\n": `a\x9bb\u009bc\u202ed\n`,
		"\x7f\u2028":             `\x7f\u2028`,
	} {
		if got := Printable(text); got != want {
			t.Errorf("Printable(%q) = %q, want %q", text, got, want)
		}
	}
}
