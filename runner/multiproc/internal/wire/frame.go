// Package wire cuts streams into frames.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Header is the size of a frame's header in bytes: its length, little endian.
const Header = 4

// Limit is the largest frame that is read or written where nothing else is
// said: a length beyond it is a broken stream, not a reason to allocate.
const Limit = 64 << 20

// ErrTooLarge is wrapped by the errors about a frame that is over its limit.
var ErrTooLarge = errors.New("message too large")

// Check returns an error if a frame of n bytes is over the limit.
func Check(n uint64, limit int) error {
	if n > uint64(limit) {
		return fmt.Errorf("%w: %d bytes, and the limit is %d", ErrTooLarge, n, limit)
	}
	return nil
}

// Append appends a header for n bytes to dst.
func Append(dst []byte, n int) []byte { return binary.LittleEndian.AppendUint32(dst, uint32(n)) }

// Length returns the length that a header tells.
func Length(header []byte) uint64 { return uint64(binary.LittleEndian.Uint32(header)) }

// Write writes b as one frame, in one call, so that the frames of several
// writers to a pipe do not mix as long as they are small.
func Write(w io.Writer, b []byte, limit int) error {
	if err := Check(uint64(len(b)), limit); err != nil {
		return err
	}
	buf := append(Append(make([]byte, 0, Header+len(b)), len(b)), b...)
	_, err := w.Write(buf)
	return err
}

// Read reads one frame. It returns io.EOF only where a frame would begin. What
// it allocates grows with what arrives, not with what the header claims.
func Read(r io.Reader, limit int) ([]byte, error) {
	var h [Header]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return nil, err
	}
	n := Length(h[:])
	if err := Check(n, limit); err != nil {
		return nil, err
	}
	b, err := ReadBody(r, nil, int(n))
	if err != nil {
		return nil, err
	}
	return b, nil
}

// ReadBody reads what is missing in b of a frame of n bytes. With an error, it
// returns what has come until then.
func ReadBody(r io.Reader, b []byte, n int) ([]byte, error) {
	const step = 64 << 10
	for len(b) < n {
		if len(b) == cap(b) {
			b = slices.Grow(b, min(n-len(b), max(step, len(b))))
		}
		m, err := r.Read(b[len(b):min(cap(b), n)])
		b = b[:len(b)+m]
		if err != nil && len(b) < n {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return b, err
		}
	}
	return b, nil
}
