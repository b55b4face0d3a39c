package multiproc

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// ErrHandover is wrapped by the errors about a value that is bound to open
// files and was sent in a way that takes none along.
var ErrHandover = errors.New("can only be handed to a child in the argument that it is started with")

// luggage is the open files that travel beside an argument. A value that is
// bound to files encodes as their places in it.
type luggage struct {
	files []*os.File
	after []func() error // to be called when the child has the files
	taken []bool         // while unpacking: files that a value has claimed
}

// traveling is the luggage of the argument that is being encoded or decoded.
// Methods for encoding get no context, so that it has to be found here.
var traveling struct {
	one sync.Mutex // held by the goroutine that encodes or decodes
	l   *luggage
}

// with has do find l while it runs; a nil l is none.
func (l *luggage) with(do func() error) error {
	traveling.one.Lock()
	defer traveling.one.Unlock()
	traveling.l = l
	defer func() { traveling.l = nil }()
	return do()
}

// marshal appends v as a message to dst. Files go into l; without it, a value
// that is bound to files is an error.
func marshal[T any](dst []byte, v T, l *luggage) (b []byte, err error) {
	c, err := codec.For[T]()
	if err != nil {
		return nil, err
	}
	if !c.Bound {
		return c.Append(dst, v)
	}
	err = l.with(func() error {
		b, err = c.Append(dst, v)
		return err
	})
	return b, err
}

// unmarshal reads a message, with the files that came in l, if any did.
func unmarshal[T any](msg []byte, l *luggage) (v T, err error) {
	c, err := codec.For[T]()
	if err != nil {
		return v, err
	}
	if !c.Bound {
		return c.Decode(msg)
	}
	err = l.with(func() error {
		v, err = c.Decode(msg)
		return err
	})
	return v, err
}

// pack adds files to the luggage of the argument that is being encoded and
// returns what stands for them there. then is called when the child has them.
func pack(what string, then func() error, files ...*os.File) ([]byte, error) {
	l := traveling.l
	if l == nil {
		return nil, fmt.Errorf("a %s %w", what, ErrHandover)
	}
	places := make([]int, len(files))
	for i, f := range files {
		places[i] = len(l.files)
		l.files = append(l.files, f)
	}
	if then != nil {
		l.after = append(l.after, then)
	}
	return cbor.Marshal(places)
}

// unpack takes the files out that pack has put in.
func unpack(what string, b []byte, n int) ([]*os.File, error) {
	l := traveling.l
	if l == nil {
		return nil, fmt.Errorf("a %s %w", what, ErrHandover)
	}
	var places []int
	if err := cbor.Unmarshal(b, &places); err != nil {
		return nil, err
	}
	if len(places) != n {
		return nil, fmt.Errorf("a %s with %d files, want %d", what, len(places), n)
	}
	files := make([]*os.File, n)
	for i, p := range places {
		if p < 0 || p >= len(l.files) || l.taken[p] {
			return nil, fmt.Errorf("a %s whose file %d did not arrive", what, p)
		}
		l.taken[p] = true
		files[i] = l.files[p]
	}
	return files, nil
}

// closeRest closes the files that no value has claimed.
func (l *luggage) closeRest() {
	if l == nil {
		return
	}
	for i, f := range l.files {
		if !l.taken[i] {
			_ = f.Close()
		}
	}
}

// A File is an open file that is handed to a child in its argument. The
// parent's stays open.
type File struct{ *os.File }

// BoundToFiles marks the type for the codec.
func (File) BoundToFiles() {}

// MarshalCBOR puts the file into the luggage of the argument.
func (f File) MarshalCBOR() ([]byte, error) {
	if f.File == nil {
		return cbor.Marshal(nil)
	}
	return pack("file", nil, f.File)
}

// UnmarshalCBOR takes the file out of the luggage of the argument.
func (f *File) UnmarshalCBOR(b []byte) error {
	if isNull(b) {
		f.File = nil
		return nil
	}
	files, err := unpack("file", b, 1)
	if err != nil {
		return err
	}
	f.File = files[0]
	return nil
}

// isNull tells whether b is the null of CBOR.
func isNull(b []byte) bool { return len(b) == 1 && b[0] == 0xf6 }
