package multiproc

import (
	"context"
	"strconv"
	"testing"
)

// bounce sends back what it receives, until the end.
var bounce = Func("bounce", func(ctx context.Context, c *Connection) (int, error) {
	for n := 0; ; n++ {
		msg, err := c.Recv(ctx)
		if err != nil {
			return n, nil
		}
		if err := c.Send(ctx, msg); err != nil {
			return n, err
		}
	}
})

// drain receives until the end.
var drain = Func("drain", func(ctx context.Context, c *Connection) (int, error) {
	for n := 0; ; n++ {
		err := c.RecvFunc(context.Background(), func([]byte) error { return nil })
		if err != nil {
			return n, nil
		}
	}
})

var pipeKinds = []struct {
	name string
	open func() (*Connection, *Connection, error)
}{{"ring", BytePipe}, {"stream", streamPipe}}

func BenchmarkPipeRoundTrip(b *testing.B) {
	for _, kind := range pipeKinds {
		for _, size := range []int{8, 4096, 1 << 20} {
			b.Run("kind="+kind.name+"/size="+strconv.Itoa(size)+"B", func(b *testing.B) {
				here, there, err := kind.open()
				if err != nil {
					b.Fatal(err)
				}
				p, err := bounce.Start(there, Options{})
				if err != nil {
					b.Fatal(err)
				}
				msg := make([]byte, size)
				ctx := context.Background()
				for b.Loop() {
					if err := here.Send(ctx, msg); err != nil {
						b.Fatal(err)
					}
					if _, err := here.Recv(ctx); err != nil {
						b.Fatal(err)
					}
				}
				_ = here.Close()
				if _, err := p.Join(ctx); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

func BenchmarkPipeOneWay(b *testing.B) {
	for _, kind := range pipeKinds {
		for _, size := range []int{8, 4096, 1 << 20, 16 << 20} {
			b.Run("kind="+kind.name+"/size="+strconv.Itoa(size)+"B", func(b *testing.B) {
				here, there, err := kind.open()
				if err != nil {
					b.Fatal(err)
				}
				p, err := drain.Start(there, Options{})
				if err != nil {
					b.Fatal(err)
				}
				msg := make([]byte, size)
				b.SetBytes(int64(size))
				for b.Loop() {
					if err := here.Send(context.Background(), msg); err != nil {
						b.Fatal(err)
					}
				}
				_ = here.Close()
				if _, err := p.Join(context.Background()); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
