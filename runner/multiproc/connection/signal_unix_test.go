//go:build unix

package connection

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// Signals that come while somebody waits do not disturb the waiting.
func TestPyIgnore(t *testing.T) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	defer signal.Stop(signals)
	interrupt := func() {
		for range 20 {
			if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
				t.Fatal(err)
			}
			<-signals
		}
	}
	overAll(t, func(t *testing.T, m medium) {
		l := m.listen(t, Options{})
		accepted := make(chan error)
		go func() {
			c, err := l.Accept(soon(t))
			if err != nil {
				accepted <- err
				return
			}
			defer c.Close()
			accepted <- nil
			msg, err := c.Recv(soon(t))
			if err == nil {
				err = c.Send(soon(t), msg)
			}
			accepted <- err
		}()
		interrupt()
		a, err := m.dial(t, l, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if err := <-accepted; err != nil {
			t.Error(err)
		}
		interrupt()
		if err := a.Send(soon(t), []byte("x")); err != nil {
			t.Error(err)
		}
		if err := <-accepted; err != nil {
			t.Error(err)
		}
	})
}
