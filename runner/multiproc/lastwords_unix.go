//go:build unix

package multiproc

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// lastWords reads a pipe to which a child has written that may be dead, which a
// deadline in the past tells. Then what is in the pipe is all there is, whoever
// else might write to it.
func lastWords(from *os.File) io.Reader { return &lastWordsReader{from, pipeHolds} }

// pipeHolds is no less than what is in a pipe at once: the most that Linux lets
// one grow to. A stranger who goes on writing is not listened to for ever.
const pipeHolds = 1 << 20

type lastWordsReader struct {
	from *os.File
	left int // that may be read after the deadline
}

func (r *lastWordsReader) Read(b []byte) (n int, err error) {
	n, err = r.from.Read(b)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	b = b[:min(len(b), r.left)]
	raw, err := r.from.SyscallConn()
	if err != nil {
		return 0, err
	}
	closed := raw.Control(func(fd uintptr) {
		for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
			n, err = syscall.Read(int(fd), b)
		}
	})
	switch {
	case closed != nil:
		return 0, closed
	case errors.Is(err, syscall.EAGAIN), err == nil && n == 0 && len(b) > 0:
		return 0, io.EOF
	}
	n = max(n, 0)
	r.left -= n
	return n, err
}
