package check

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const placed = `package work

import "testing"

// func BenchmarkInAComment(b *testing.B) {}

const text = ` + "`" + `
func BenchmarkInAString(b *testing.B) {
` + "`" + `

type T struct{}

func (T) BenchmarkMethod(b *testing.B) {}

func BenchmarkPlain(b *testing.B) {
	for range b.N {
	}
}

//line elsewhere.go:99
func BenchmarkSub(
	b *testing.B,
) {
	b.Run("n=1", BenchmarkPlain)
}

func BenchmarkFails(b *testing.B) { b.Fatal("no") }
`

// TestPlacesAreThoseOfTheHead has a module in a folder of its repository, and a
// revision as head, which is checked out elsewhere.
func TestPlacesAreThoseOfTheHead(t *testing.T) {
	long(t)
	dir := t.TempDir()
	put(t, dir, map[string]string{"tools/go.mod": goMod, "tools/x/work_test.go": "// Moved down.\n\n\n" + placed})
	must(t, dir, "git", "init", "-q", "-b", "main")
	commitAll(t, dir, "old")
	put(t, dir, map[string]string{"tools/x/work_test.go": placed})
	commitAll(t, dir, "new")
	put(t, dir, map[string]string{"tools/x/work_test.go": "// Moved again.\n" + placed})

	want := map[string]Place{"Plain": {"tools/x/work_test.go", 15}, "Sub/n=1": {"tools/x/work_test.go", 21}, "Sub": {"tools/x/work_test.go", 21}, "Fails": {"tools/x/work_test.go", 27}}
	down := make(map[string]Place)
	for name, p := range want {
		down[name] = Place{p.File, p.Line + 1}
	}
	_, cache := repositoryOf(t)
	for _, c := range []struct {
		head Source
		want map[string]Place
	}{{Source{Revision: "HEAD"}, want}, {Source{}, down}} {
		s, err := Open(t.Context(), Options{
			Dir: filepath.Join(dir, "tools"), Cache: cache, Out: t.TempDir(), Base: Source{Revision: "HEAD~1"}, Head: c.head,
			Target: time.Millisecond, Timeout: 5 * time.Minute, GOMAXPROCS: 2,
		}, Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, s.Places()); diff != "" {
			t.Errorf("head %s (-want +got):\n%s", c.head, diff)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
