package bench

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// messageSizes are those of messages, in bytes.
var messageSizes = []struct {
	name string
	n    int
}{{"8B", 8}, {"64B", 64}, {"1KiB", 1 << 10}, {"16KiB", 16 << 10}, {"256KiB", 256 << 10}, {"1MiB", 1 << 20}, {"16MiB", 16 << 20}}

// A line carries messages of a size to somebody else and, if they are answered,
// back again.
type line struct {
	send, recv func() error
	end        func() error // returns when the other side has ended
}

// A carrier opens a line whose other side sends everything back, or takes it in
// and answers the end of the line alone.
//
// What follows by= in the names of benchmarks says which way something is done,
// here and in all primitives: [results.SideOf] knows whether that is one of
// goroutines, of processes or of Python, by which the report compares them.
type carrier struct {
	by   string
	open func(ctx context.Context, size int, answers bool) (line, error)
}

var carriers = []carrier{
	{"channel", channelLine},
	{"pipe", pipeLine},
	{"queue", queueLine},
	{"sharedmemory", sharedLine},
}

// BenchmarkRoundTrip sends a message to another goroutine or process, and gets
// it back.
func BenchmarkRoundTrip(b *testing.B) { alongLines(b, true) }

// BenchmarkThroughput sends messages one way, until the last has been taken in.
func BenchmarkThroughput(b *testing.B) { alongLines(b, false) }

func alongLines(b *testing.B, answers bool) {
	for _, size := range messageSizes {
		for _, c := range carriers {
			b.Run("size="+size.name+"/by="+c.by, func(b *testing.B) {
				l, err := c.open(b.Context(), size.n, answers)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(size.n))
				step := func() {
					err := l.send()
					if err == nil && answers {
						err = l.recv()
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				if answers {
					step() // the other side has come up by then
				}
				for b.Loop() {
					step()
				}
				if err := l.end(); err != nil { // what is on its way counts: it is the last that is timed
					b.Fatal(err)
				}
			})
		}
	}
}

// channelLine hands messages over as goroutines do: a copy each, since the
// receiver may keep and change what it gets, as that of the others may.
func channelLine(_ context.Context, size int, answers bool) (line, error) {
	there, back := make(chan []byte), make(chan []byte)
	var other sync.WaitGroup
	other.Go(func() {
		for m := range there {
			if answers {
				back <- append([]byte(nil), m...)
			}
		}
	})
	message := make([]byte, size)
	return line{
		send: func() error { there <- append([]byte(nil), message...); return nil },
		recv: func() error { return wants(size, <-back) },
		end:  func() error { close(there); other.Wait(); return nil },
	}, nil
}

var errSize = errors.New("a message has not come back as it went")

func wants(size int, m []byte) error {
	if len(m) != size {
		return errSize
	}
	return nil
}

// A postbox is what a child gets that takes messages in.
type postbox struct {
	Pipe        *multiproc.Connection
	There, Back *multiproc.Queue[[]byte]
	Answers     bool
}

// takeIn takes in messages until the line ends.
var takeIn = multiproc.Func("bench.takeIn", func(ctx context.Context, p postbox) (n int, err error) {
	for {
		var m []byte
		if p.Pipe != nil {
			m, err = p.Pipe.Recv(ctx)
		} else {
			m, err = p.There.Get(ctx)
		}
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, multiproc.ErrClosed):
			return n, nil
		case err != nil:
			return n, err
		}
		n++
		switch {
		case !p.Answers:
		case p.Pipe != nil:
			err = p.Pipe.Send(ctx, m)
		default:
			err = p.Back.Put(ctx, m)
		}
		if err != nil {
			return n, err
		}
	}
})

func pipeLine(ctx context.Context, size int, answers bool) (line, error) {
	here, there, err := multiproc.BytePipe()
	if err != nil {
		return line{}, err
	}
	child, err := takeIn.Start(postbox{Pipe: there, Answers: answers}, multiproc.Options{})
	if err != nil {
		return line{}, errors.Join(err, here.Close(), there.Close())
	}
	message := make([]byte, size)
	return line{
		send: func() error { return here.Send(ctx, message) },
		recv: func() error {
			m, err := here.Recv(ctx)
			return errors.Join(err, wants(size, m))
		},
		end: func() error {
			err := here.Close()
			_, err2 := child.Join(ctx)
			return errors.Join(err, err2)
		},
	}, nil
}

// queueRoom is how many messages may be in a queue: its memory is bounded, as
// that of the others is.
const queueRoom = 4

func queueLine(ctx context.Context, size int, answers bool) (line, error) {
	there, err := multiproc.NewQueue[[]byte](queueRoom)
	if err != nil {
		return line{}, err
	}
	back, err := multiproc.NewQueue[[]byte](queueRoom)
	if err != nil {
		return line{}, err
	}
	child, err := takeIn.Start(postbox{There: there, Back: back, Answers: answers}, multiproc.Options{})
	if err != nil {
		return line{}, errors.Join(err, there.Close(), back.Close())
	}
	message := make([]byte, size)
	return line{
		send: func() error { return there.Put(ctx, message) },
		recv: func() error {
			m, err := back.Get(ctx)
			return errors.Join(err, wants(size, m))
		},
		end: func() error {
			err := there.Shut()
			_, err2 := child.Join(ctx)
			return errors.Join(err, err2, there.Close(), back.Close())
		},
	}, nil
}

// A basin is memory of both sides, which say by a pipe when it is full and when it
// is free again.
type basin struct {
	Memory  *multiproc.SharedMemory
	Signal  *multiproc.Connection
	Answers bool
}

// lookAt looks at what is in the shared memory, where it is.
var lookAt = multiproc.Func("bench.lookAt", func(ctx context.Context, b basin) (sum int, err error) {
	mine := make([]byte, b.Memory.Size())
	for {
		m, err := b.Signal.Recv(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return sum, b.Memory.Close()
		case err != nil:
			return sum, err
		}
		if b.Answers {
			copy(b.Memory.Bytes(), mine)
		} else {
			sum += copy(mine, b.Memory.Bytes())
		}
		if err := b.Signal.Send(ctx, m); err != nil {
			return sum, err
		}
	}
})

// sharedLine fills shared memory in place: to send is one copy, and so is to
// receive.
func sharedLine(ctx context.Context, size int, answers bool) (line, error) {
	memory, err := multiproc.NewSharedMemory(size)
	if err != nil {
		return line{}, err
	}
	here, there, err := multiproc.BytePipe()
	if err != nil {
		return line{}, errors.Join(err, memory.Close())
	}
	child, err := lookAt.Start(basin{memory, there, answers}, multiproc.Options{})
	if err != nil {
		return line{}, errors.Join(err, memory.Close(), here.Close(), there.Close())
	}
	message, signal := make([]byte, size), []byte{1}
	say := func() error {
		copy(memory.Bytes(), message)
		return here.Send(ctx, signal)
	}
	hear := func() error {
		m, err := here.Recv(ctx)
		return errors.Join(err, wants(1, m))
	}
	l := line{
		send: say,
		recv: func() error {
			err := hear()
			copy(message, memory.Bytes())
			return err
		},
		end: func() error {
			err := here.Close()
			_, err2 := child.Join(ctx)
			return errors.Join(err, err2, memory.Close())
		},
	}
	if !answers { // it has to be free before it is filled again
		l.send = func() error { return errors.Join(say(), hear()) }
	}
	return l, nil
}
