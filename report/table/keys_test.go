package table

import (
	"slices"
	"testing"

	"golang.org/x/perf/benchproc"
)

func TestFilterKeys(t *testing.T) {
	for _, test := range []struct {
		filter string
		want   []string
	}{
		{"", nil},
		{"*", nil},
		{"/wrkload:hash", []string{"/wrkload"}},
		{`goos:linux AND -/mode:serial OR "my key":"a b:c"`, []string{"goos", "/mode", "my key"}},
		{".unit:(sec/op OR B/s OR /x:y/) pkg:/a b:c/", []string{".unit", "pkg"}},
		{`/size:/[/(]x(a/b)\/c/ goarch:amd64`, []string{"/size", "goarch"}},
		{"(/mode:process (toolchain:x-y -(note:*)))", []string{"/mode", "toolchain", "note"}},
		{"  a-b:c\u2003d:e ", []string{"a-b", "d"}},
		{`a:"quoted \" b:c" d:e`, []string{"a", "d"}},
	} {
		if got := filterKeys(test.filter); !slices.Equal(got, test.want) {
			t.Errorf("filterKeys(%q) = %q, want %q", test.filter, got, test.want)
		}
	}
}

// FuzzFilterKeys compares with the filter itself: one of a single key and value
// has that key.
func FuzzFilterKeys(f *testing.F) {
	for _, seed := range []string{"*", "a:b", "/x:(a OR /b[/]/)", `"k":"v"`, "-(a:b OR c:d)", "a:/(/", "\xff:"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		if _, err := benchproc.NewFilter(filter); err != nil {
			return
		}
		want := filterKeys(filter)
		// Parentheses and a further term change nothing about what was there.
		got := filterKeys("(" + filter + ") added:x")
		if !slices.Equal(got, slices.Compact(append(slices.Clone(want), "added"))) {
			t.Errorf("keys %q of %q become %q", want, filter, got)
		}
	})
}

func TestKeysOfOptions(t *testing.T) {
	got, err := Options{
		Filter: "/size:1", Table: "goos,.config", Row: "/mode@(b a) .name", Col: `"a key"@num`, Ignore: "round",
	}.Keys()
	if err != nil {
		t.Fatal(err)
	}
	want := []KeyUse{
		{"filter", "/size"}, {"table", "goos"}, {"table", ".config"}, {"row", "/mode"}, {"row", ".name"}, {"col", "a key"}, {"ignore", "round"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
	if _, err := (Options{Row: "("}).Keys(); err == nil {
		t.Error("a row that cannot be parsed is no error")
	}
}

func TestKeysOfSet(t *testing.T) {
	got := KeysOf(readTestdata(t, []string{"old.txt"}))
	for _, key := range []string{".name", ".file", "goos", "pkg", "/gomaxprocs"} {
		if !slices.Contains(got, key) {
			t.Errorf("keys %q lack %s", got, key)
		}
	}
	sorted := slices.Sorted(slices.Values(got))
	if len(slices.Compact(sorted)) != len(got) {
		t.Errorf("keys %q have one twice", got)
	}
}
