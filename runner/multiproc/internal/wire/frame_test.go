package wire

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func FuzzRead(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{3, 0, 0, 0, 'a', 'b', 'c', 1})
	f.Add([]byte{9, 0, 0, 0, 'a'})
	f.Add([]byte{255, 255, 255, 255, 'a'})
	f.Add([]byte{1, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		const limit = 100
		r := bytes.NewReader(in)
		for {
			before := r.Len()
			b, err := Read(r, limit)
			if err != nil {
				if errors.Is(err, io.EOF) && before != 0 {
					t.Errorf("EOF with %d bytes left", before)
				}
				return
			}
			if len(b) > limit || r.Len() != before-Header-len(b) {
				t.Errorf("a frame of %d bytes took %d", len(b), before-r.Len())
			}
			var again bytes.Buffer
			if err := Write(&again, b, limit); err != nil {
				t.Fatal(err)
			}
			if got, err := Read(&again, limit); err != nil || !bytes.Equal(got, b) {
				t.Errorf("%q comes back as %q, %v", b, got, err)
			}
		}
	})
}
