//go:build !portable

package multiproc

import (
	"bytes"
	"context"
	"errors"
	"io"
	"syscall"
	"testing"
	"time"
)

// awaitRecord waits until the beginning of a message has come.
func awaitRecord(t *testing.T, c *Connection) {
	t.Helper()
	if _, err := c.in.(*ringInlet).record(); err != nil {
		t.Fatal(err)
	}
}

func TestRecvGivesUpAmidALongMessage(t *testing.T) {
	a, b := mustBytePipe(t)
	out := a.out.(*ringOutlet)
	part := func(text string, more bool) {
		room, err := out.reserve(soon(t), len(text))
		if err != nil {
			t.Fatal(err)
		}
		copy(room, text)
		out.end.w.Commit(len(text), more)
		if out.end.w.Publish() {
			out.end.bell.Ring()
		}
	}
	for range 3 {
		part("hello ", true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if _, err := b.Recv(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		cancel()
	}
	part("world", false)
	if got, err := b.Recv(soon(t)); string(got) != "hello hello hello world" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	part("never", true)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := b.Recv(soon(t)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a message that is cut short: %v", err)
		}
	}
}

// What RecvFunc gives lies where the sender has put it, and is not overwritten
// meanwhile.
func TestAMessageStaysWhileItIsUsed(t *testing.T) {
	a, b := mustBytePipe(t)
	const n = 1 << 20
	sent := make(chan error)
	go func() {
		var errs []error
		for i := range 50 {
			errs = append(errs, a.Send(soon(t), bytes.Repeat([]byte{byte(i)}, n)))
		}
		sent <- errors.Join(errs...)
	}()
	for i := range 50 {
		err := b.RecvFunc(soon(t), func(msg []byte) error {
			for range 3 {
				if len(msg) != n || bytes.Count(msg, []byte{byte(i)}) != n {
					t.Errorf("message %d is another", i)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

// The memory of a connection goes with both of its ends.
func TestTheMemoryOfAConnectionGoes(t *testing.T) {
	a, b, err := BytePipe()
	if err != nil {
		t.Fatal(err)
	}
	m := a.ringOf().memory
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); m.Bytes() != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is still there")
		}
	}
	if err := a.Send(soon(t), nil); err == nil {
		t.Error("sent over what is closed")
	}
	if _, err := b.Recv(soon(t)); err == nil {
		t.Error("received from what is closed")
	}
}

// What large messages have taken is given back when only small ones have come for a
// while, and the next large one arrives as whole as those before.
func TestTheMemoryOfLargeMessagesIsGivenBack(t *testing.T) {
	a, b, err := BytePipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(a.Close(), b.Close()); err != nil {
			t.Error(err)
		}
	}()
	taken := func() int64 {
		info, err := a.ringOf().memory.File().Stat()
		if err != nil {
			t.Fatal(err)
		}
		return info.Sys().(*syscall.Stat_t).Blocks * 512
	}
	exchange := func(msg []byte) {
		if err := a.Send(soon(t), msg); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Recv(soon(t)); err != nil || !bytes.Equal(got, msg) {
			t.Fatalf("%d bytes have come, want %d: %v", len(got), len(msg), err)
		}
	}
	large := bytes.Repeat([]byte("large"), 1<<18)
	for range 2 {
		exchange(large)
		if n := taken(); n < int64(len(large)) {
			t.Fatalf("%d bytes of memory for a message of %d", n, len(large))
		}
		for range idleMessages + 1 {
			exchange([]byte("small"))
		}
		if n := taken(); n >= int64(len(large)) {
			t.Errorf("%d bytes of memory are left after %d small messages", n, idleMessages)
		}
	}
}
