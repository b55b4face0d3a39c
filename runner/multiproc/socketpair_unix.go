//go:build unix

package multiproc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// SocketPair returns the two ends of a new duplex connection that carries open
// files as well, by [Connection.SendFile]. Its ends move to children as those
// of [BytePipe] do. There is none on Windows.
func SocketPair() (*Connection, *Connection, error) {
	fds, err := socketPair()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	a, err := newSocket(fds[0])
	b, err2 := newSocket(fds[1])
	if err := errors.Join(err, err2); err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", errors.Join(err, syscall.Close(fds[0]), syscall.Close(fds[1])))
	}
	return newConnection(a, a), newConnection(b, b), nil
}

// socketPair returns two connected sockets that children do not inherit.
func socketPair() (fds [2]int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if fds, err = syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0); err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	return fds, err
}

// A socket is a stream that queues the files which come beside its bytes. Those
// are announced in the bytes, and neither can overtake the other: a file is in
// the queue at the latest when the byte that it came with has been read.
type socket struct {
	file *os.File
	raw  syscall.RawConn

	mu     sync.Mutex
	closed bool
	files  []*os.File // nil for one that there was no descriptor for
}

// newSocket takes a descriptor over, if there is no error.
func newSocket(fd int) (*socket, error) {
	// Nonblocking makes the file park its reader in the netpoller.
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	return socketOf(os.NewFile(uintptr(fd), "socket"))
}

// socketOf takes over a file that is a socket.
func socketOf(f *os.File) (*socket, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &socket{file: f, raw: raw}, nil
}

// carrierOf is socketOf for a file that was handed over.
func carrierOf(f *os.File) (fileCarrier, error) { return socketOf(f) }

// Read reads bytes, and queues the files that come beside them.
func (s *socket) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	// Room for one file; one that is sent with more has its others closed.
	oob := make([]byte, syscall.CmsgSpace(4))
	err2 := s.raw.Read(func(fd uintptr) bool {
		n, err = s.receive(int(fd), p, oob)
		return !errors.Is(err, syscall.EAGAIN)
	})
	switch {
	case err2 != nil:
		return 0, err2
	case err != nil:
		return 0, os.NewSyscallError("recvmsg", err)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// receive is recvmsg, without waiting. No child is started between the arrival
// of a descriptor and its mark to be closed in children.
func (s *socket) receive(fd int, p, oob []byte) (n int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	for {
		n, oobn, flags, _, err := syscall.Recvmsg(fd, p, oob, 0)
		if err == syscall.EINTR {
			continue
		}
		if err == nil && (oobn > 0 || flags&syscall.MSG_CTRUNC != 0) {
			s.queue(rights(oob[:oobn]))
		}
		return n, err
	}
}

// rights returns the descriptors in what came beside the bytes.
func rights(oob []byte) (fds []int) {
	messages, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return nil
	}
	for _, m := range messages {
		got, err := syscall.ParseUnixRights(&m)
		if err == nil {
			fds = append(fds, got...)
		}
	}
	return fds
}

// queue queues one file, even if its descriptor has not come: it has its turn.
func (s *socket) queue(fds []int) {
	var f *os.File
	for i, fd := range fds {
		syscall.CloseOnExec(fd)
		if i > 0 {
			_ = syscall.Close(fd) // nobody announces it
			continue
		}
		// Blocking or not, as it is with its sender: the mode is that of all
		// who have the file.
		f = os.NewFile(uintptr(fd), "received")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && f != nil {
		_ = f.Close()
		return
	}
	s.files = append(s.files, f)
}

func (s *socket) nextFile() (*os.File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.files) == 0 {
		return nil, false
	}
	f := s.files[0]
	s.files = s.files[1:]
	return f, true
}

func (s *socket) handle() *os.File { return s.file }

// Write writes bytes.
func (s *socket) Write(p []byte) (int, error) { return s.file.Write(p) }

// SetReadDeadline sets when a read gives up.
func (s *socket) SetReadDeadline(t time.Time) error { return s.file.SetReadDeadline(t) }

// SetWriteDeadline sets when a write gives up.
func (s *socket) SetWriteDeadline(t time.Time) error { return s.file.SetWriteDeadline(t) }

// Close closes the socket, and the files that nobody has taken.
func (s *socket) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, f := range s.files {
		if f != nil {
			_ = f.Close() // nobody has written to it
		}
	}
	s.files = nil
	return s.file.Close()
}

func (s *socket) withFile(f *os.File) io.Writer { return &fileWriter{s, f} }

// A fileWriter writes to a socket, with a file beside the first byte.
type fileWriter struct {
	socket *socket
	file   *os.File // nil when it has gone
}

// Write writes bytes. It is called with few of them, which the system takes
// whole or not at all.
func (w *fileWriter) Write(p []byte) (n int, err error) {
	if w.file == nil {
		return w.socket.Write(p)
	}
	// Not Fd, which would make the file a blocking one.
	file, err := w.file.SyscallConn()
	if err != nil {
		return 0, err
	}
	err2 := w.socket.raw.Write(func(fd uintptr) bool {
		closed := file.Control(func(sent uintptr) {
			for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
				n, err = syscall.SendmsgN(int(fd), p, syscall.UnixRights(int(sent)), nil, 0)
			}
		})
		if closed != nil {
			err = closed
		}
		return !errors.Is(err, syscall.EAGAIN)
	})
	switch {
	case err2 != nil:
		return 0, err2
	case err != nil:
		return 0, fmt.Errorf("send a file: %w", err)
	}
	w.file = nil
	if n < len(p) {
		m, err := w.socket.Write(p[n:])
		return n + m, err
	}
	return n, nil
}
