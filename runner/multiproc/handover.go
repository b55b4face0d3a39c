package multiproc

import (
	"errors"
	"os"

	"github.com/fxamacker/cbor/v2"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// ErrHandover is wrapped by the errors about a value that is bound to open
// files and was sent in a way that takes none along.
var ErrHandover = codec.ErrHandover

// luggage is the open files that travel beside an argument.
type luggage struct {
	files   []*os.File
	parcels []*codec.Parcel // after packing: whose files they are
	taken   []bool          // after unpacking: files that a value has claimed
}

// settle tells those whose files they are whether the child has them.
func (l *luggage) settle(arrived bool) error {
	var errs []error
	for _, p := range l.parcels {
		errs = append(errs, p.Settle(arrived))
	}
	return errors.Join(errs...)
}

// marshal appends v as a message to dst. Files go into l; without it, a value
// that is bound to files is an error.
func marshal[T any](dst []byte, v T, l *luggage) ([]byte, error) {
	var c codec.Lazy[T]
	return marshalAs(&c, dst, v, l)
}

// marshalAs is marshal with a codec that is at hand.
func marshalAs[T any](known *codec.Lazy[T], dst []byte, v T, l *luggage) ([]byte, error) {
	c, err := known.Get()
	if err != nil {
		return nil, err
	}
	if l == nil {
		return c.Append(dst, v)
	}
	b, parcels, err := c.AppendFiles(dst, v)
	for _, p := range parcels {
		l.files = append(l.files, p.Files...)
	}
	l.parcels = append(l.parcels, parcels...)
	return b, err
}

// unmarshal reads a message, with the files that came in l, if any did.
func unmarshal[T any](msg []byte, l *luggage) (T, error) {
	var c codec.Lazy[T]
	return unmarshalAs(&c, msg, l)
}

// unmarshalAs is unmarshal with a codec that is at hand.
func unmarshalAs[T any](known *codec.Lazy[T], msg []byte, l *luggage) (T, error) {
	c, err := known.Get()
	if err != nil {
		var none T
		return none, err
	}
	if l == nil {
		return c.Decode(msg)
	}
	v, taken, err := c.DecodeFiles(msg, l.files)
	l.taken = taken
	return v, err
}

// viewAs is unmarshalAs of a value that may lie in the message, as long as that is
// good, if no files came.
func viewAs[T any](known *codec.Lazy[T], msg []byte, l *luggage) (T, error) {
	c, err := known.Get()
	if err == nil && l == nil {
		return c.View(msg)
	}
	return unmarshalAs(known, msg, l)
}

// sizeAs returns the size in bytes of the message of *v, if that is known beforehand;
// 0 if not.
func sizeAs[T any](known *codec.Lazy[T], v *T) int {
	c, err := known.Get()
	if err != nil {
		return 0
	}
	n, _ := c.Size(v)
	return n
}

// unpack takes the files out that codec.Pack has put in.
func unpack(what string, b []byte, n int) ([]*os.File, error) {
	return codec.Unpack(what, b, n)
}

// closeRest closes the files that no value has claimed.
func (l *luggage) closeRest() {
	if l == nil {
		return
	}
	for i, f := range l.files {
		if i >= len(l.taken) || !l.taken[i] {
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
	return codec.Pack(codec.Parcel{What: "file", Files: []*os.File{f.File}})
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
