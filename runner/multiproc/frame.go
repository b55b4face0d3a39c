package multiproc

import (
	"encoding/binary"
	"fmt"
	"io"
)

// A frame is a length of four bytes, little endian, and that many bytes.
const frameHeader = 4

// maxFrame is the largest frame that is read: a length beyond it is a broken
// stream, not a reason to allocate.
const maxFrame = 64 << 20

// writeFrame writes b as one frame, in one call, so that the frames of several
// writers to a pipe do not mix as long as they are small.
func writeFrame(w io.Writer, b []byte) error {
	if len(b) > maxFrame {
		return fmt.Errorf("message of %d bytes is over the limit of %d", len(b), maxFrame)
	}
	buf := make([]byte, frameHeader+len(b))
	binary.LittleEndian.PutUint32(buf, uint32(len(b)))
	copy(buf[frameHeader:], b)
	_, err := w.Write(buf)
	return err
}

// readFrame reads one frame of at most limit bytes. It returns io.EOF only
// where a frame would begin.
func readFrame(r io.Reader, limit int) ([]byte, error) {
	var h [frameHeader]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(h[:])
	if uint64(n) > uint64(limit) {
		return nil, fmt.Errorf("message of %d bytes is over the limit of %d", n, limit)
	}
	b, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err == nil && len(b) < int(n) {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}
