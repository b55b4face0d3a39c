package managers

import (
	"encoding/binary"
	"fmt"
)

// field appends b to dst with its length in front.
func field(dst, b []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

// cut takes the first field off b. It shares b's memory.
func cut(b []byte) (f, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil, fmt.Errorf("%w: a field that is cut short", ErrProtocol)
	}
	end := size + int(n)
	return b[size:end:end], b[end:], nil
}

// cutAll takes b apart into its fields.
func cutAll(b []byte) (fs [][]byte, err error) {
	for len(b) > 0 {
		var f []byte
		if f, b, err = cut(b); err != nil {
			return nil, err
		}
		fs = append(fs, f)
	}
	return fs, nil
}

// number appends n to dst, as 8 bytes.
func number(dst []byte, n uint64) []byte { return binary.LittleEndian.AppendUint64(dst, n) }

// cutNumber takes a number off b.
func cutNumber(b []byte) (n uint64, rest []byte, err error) {
	if len(b) < 8 {
		return 0, nil, fmt.Errorf("%w: a number of %d bytes", ErrProtocol, len(b))
	}
	return binary.LittleEndian.Uint64(b), b[8:], nil
}
