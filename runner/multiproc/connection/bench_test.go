package connection

import (
	"context"
	"crypto/tls"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// BenchmarkRoundTrip is a message of 64 bytes to another process and back.
func BenchmarkRoundTrip(b *testing.B) {
	for _, m := range media {
		b.Run("over="+m.name, func(b *testing.B) {
			o := Options{}
			if m.tls {
				o.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(b)}}
			}
			l, err := Listen(m.network, m.address, o)
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			p, err := phone.Start(call{m.network, l.Addr().String(), m.tls, nil}, multiproc.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = p.Kill(); <-p.Ended() }()
			c, err := l.Accept(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			msg := make([]byte, 64)
			for b.Loop() {
				if err := c.Send(context.Background(), msg); err != nil {
					b.Fatal(err)
				}
				if _, err := c.Recv(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
