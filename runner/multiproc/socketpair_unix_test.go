//go:build unix

package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// writeReceived receives a number, a file, and a text to write into it, as
// often as they come.
var writeReceived = Func("writeReceived", func(ctx context.Context, c *Connection) (int, error) {
	for n := 0; ; n++ {
		msg, err := c.Recv(ctx)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil || string(msg) != fmt.Sprint(n) {
			return n, fmt.Errorf("message %q, want %d: %w", msg, n, err)
		}
		f, err := c.RecvFile(ctx)
		if err != nil {
			return n, err
		}
		msg, err = c.Recv(ctx)
		if err != nil {
			return n, err
		}
		if _, err := f.Write(msg); err != nil {
			return n, err
		}
		if err := f.Close(); err != nil {
			return n, err
		}
	}
})

func mustSocketPair(t *testing.T) (*Connection, *Connection) {
	t.Helper()
	a, b, err := SocketPair()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = a.Close(), b.Close() })
	return a, b
}

// Python's test_fd_transfer. The files keep their order among the messages.
func TestPyFdTransfer(t *testing.T) {
	here, there := mustSocketPair(t)
	p := mustStart(t, writeReceived, there, Options{})
	dir := t.TempDir()
	const files = 20
	for i := range files {
		f, err := os.Create(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(here.Send(soon(t), fmt.Append(nil, i)), here.SendFile(soon(t), f), f.Close(),
			here.Send(soon(t), fmt.Append(nil, "file ", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := here.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Join(soon(t)); n != files || err != nil {
		t.Fatalf("%d files, %v", n, err)
	}
	for i := range files {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(i)))
		if string(b) != fmt.Sprint("file ", i) || err != nil {
			t.Errorf("file %d holds %q, %v", i, b, err)
		}
	}
}

// Python's test_large_fd_transfer: a descriptor whose number is above 256.
func TestPyLargeFdTransfer(t *testing.T) {
	here, there := mustSocketPair(t)
	p := mustStart(t, writeReceived, there, Options{})
	f, err := os.Create(filepath.Join(t.TempDir(), "large"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var fd int
	for fd <= 256 {
		if fd, err = syscall.Dup(int(f.Fd())); err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(fd)
	}
	large, err := syscall.Dup(fd)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(large), "large")
	if err := errors.Join(here.Send(soon(t), []byte("0")), here.SendFile(soon(t), file), file.Close(),
		here.Send(soon(t), []byte("foo")), here.Close()); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Join(soon(t)); n != 1 || err != nil {
		t.Fatalf("%d files, %v", n, err)
	}
	if b, err := os.ReadFile(f.Name()); string(b) != "foo" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// Python's test_missing_fd_transfer: a message that came without a file.
func TestPyMissingFdTransfer(t *testing.T) {
	here, there := mustSocketPair(t)
	if err := here.Send(soon(t), []byte("foo")); err != nil {
		t.Fatal(err)
	}
	if _, err := there.RecvFile(soon(t)); !errors.Is(err, ErrNoFile) {
		t.Errorf("a message as a file: %v", err)
	}
	if msg, err := there.Recv(soon(t)); string(msg) != "foo" || err != nil {
		t.Errorf("the message is gone: %q, %v", msg, err)
	}
	// The mark alone, as no SendFile sends it.
	if _, err := writeRaw(here, []byte{255, 255, 255, 255}); err != nil {
		t.Fatal(err)
	}
	if _, err := there.RecvFile(soon(t)); !errors.Is(err, ErrNoFile) {
		t.Errorf("a mark without a file: %v", err)
	}
	if err := here.SendFile(soon(t), os.Stdin); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it stays there
		if _, err := there.Recv(soon(t)); !errors.Is(err, ErrFileNext) {
			t.Errorf("a file as a message: %v", err)
		}
	}
	f, err := there.RecvFile(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := here.SendFile(soon(t), nil); err == nil {
		t.Error("no file was sent")
	}
	if err := here.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := there.RecvFile(soon(t)); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestOnlySocketsCarryFiles(t *testing.T) {
	a, b := mustBytePipe(t)
	if err := a.SendFile(soon(t), os.Stdin); !errors.Is(err, ErrNoFiles) {
		t.Errorf("sent over a pipe: %v", err)
	}
	if _, err := b.RecvFile(soon(t)); !errors.Is(err, ErrNoFiles) {
		t.Errorf("received over a pipe: %v", err)
	}
}

// A received pipe parks its reader in the poller, is closed in children, and
// moves on over another pair, with a connection that it is an end of.
func TestReceivedFilesAreAsOwnOnes(t *testing.T) {
	here, there := mustSocketPair(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := errors.Join(here.SendFile(soon(t), r), r.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := there.RecvFile(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) {
		flags, _, _ := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_GETFD, 0)
		if flags&syscall.FD_CLOEXEC == 0 {
			t.Error("children inherit it")
		}
	}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := f.Read(make([]byte, 1))
		ended <- err
	}()
	if err := f.Close(); err != nil { // of a blocking one, this would not end the Read
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Errorf("a read of a closed file: %v", err)
	}
}

// Files that nobody took are closed with the connection.
func TestFilesThatNobodyTookAreClosed(t *testing.T) {
	here, there := mustSocketPair(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := errors.Join(here.SendFile(soon(t), w), w.Close()); err != nil {
		t.Fatal(err)
	}
	<-there.Ready()
	if err := there.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the other end is still open: %v", err)
	}
}

func TestSendingAFileGivesUpWithItsContext(t *testing.T) {
	here, there := mustSocketPair(t)
	ctx, cancel := context.WithCancel(t.Context())
	sent := make(chan error)
	go func() {
		for {
			if err := here.SendFile(ctx, os.Stdin); err != nil {
				sent <- err
				return
			}
		}
	}()
	<-there.Ready()
	cancel()
	if err := <-sent; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
