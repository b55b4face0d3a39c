package profiles

import (
	"bytes"
	"compress/gzip"
	"errors"
	"runtime/pprof"
	"strings"
	"testing"
)

// zipped compresses data.
func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParseRefuses(t *testing.T) {
	var good, heap bytes.Buffer
	if err := synthetic(10, "main.a", "main.b").Write(&good); err != nil {
		t.Fatal(err)
	}
	if err := pprof.Lookup("heap").WriteTo(&heap, 0); err != nil {
		t.Fatal(err)
	}
	bomb := zipped(t, make([]byte, 2*maxSize))
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "empty: its process ended before writing it"},
		{"text", []byte("goos: linux\n"), "not a compressed profile"},
		{"a truncated one", good.Bytes()[:good.Len()/2], "decompressing the profile"},
		{"compressed nothing", zipped(t, nil), "malformed profile"},
		{"compressed text", zipped(t, []byte("BenchmarkX 1 1 ns/op\n")), "malformed profile"},
		{"a heap profile", heap.Bytes(), "not a CPU profile of a Go program"},
		{"one just too large", zipped(t, make([]byte, maxSize+1)), "larger than 8 MiB"},
		{"a bomb that is not read to its end", bomb[:len(bomb)-100], "larger than 8 MiB"},
	} {
		if _, err := Parse(bytes.NewReader(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse of %s: error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Parse(&good); err != nil {
		t.Errorf("Parse of a good one: %v", err)
	}
}

func TestReadNamesTheFile(t *testing.T) {
	path := Path(t.TempDir(), "none")
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v does not name %s", err, path)
	}
}

func FuzzParse(f *testing.F) {
	var b bytes.Buffer
	if err := synthetic(10, "main.a", "main.b").WriteUncompressed(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:b.Len()-7])
	f.Add([]byte{0x0a, 0x00, 0x22, 0x00})
	f.Fuzz(func(t *testing.T, data []byte) {
		// Raw bytes, that is those of a file, and compressed ones, which get further.
		if _, err := Parse(bytes.NewReader(data)); err == nil && len(data) == 0 {
			t.Error("nothing is a profile")
		}
		p, err := Parse(bytes.NewReader(zipped(t, data)))
		if err != nil {
			return
		}
		label(p, Labels{"m", "w"}, Host)
		m, err := Merge(p, p)
		if err != nil {
			t.Fatalf("a profile does not merge with itself: %v", err)
		}
		var out bytes.Buffer
		if err := errors.Join(m.CheckValid(), m.Write(&out)); err != nil {
			t.Errorf("merged profile: %v", err)
		}
	})
}
