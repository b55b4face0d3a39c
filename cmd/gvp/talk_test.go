package main

import "testing"

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"gvp: one two three four", 0, "gvp: one two three four"},
		{"gvp: one two three four", 23, "gvp: one two three four"},
		{"gvp: one two three four", 20, "gvp: one two three\n     four"},
		{"gvp: go on with `gvp run --resume x`, or not", 24, "gvp: go on with\n     `gvp run --resume x`,\n     or not"},
		{"gvp: é é é é", 11, "gvp: é é é\n     é"},
		{"gvp: " + "averyveryverylongword more", 12, "gvp:\n     averyveryverylongword\n     more"},
	} {
		if got := wrap(test.text, "     ", test.width); got != test.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", test.text, test.width, got, test.want)
		}
	}
}
