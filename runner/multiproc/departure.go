package multiproc

import (
	"errors"
	"os"
)

// errLeaving is that of a connection that a child is about to get.
var errLeaving = errors.New("it is on its way to a child: it can be in one argument, and there only once")

// A pause is one of the goroutine that waits for messages, which lends its token
// of receiving meanwhile.
type pause struct {
	begun chan struct{} // closed when the token is lent
	over  chan struct{} // closed when it is given back
}

// hold keeps everybody from using a connection, until it leaves or stays. It
// waits for nobody: who sends or receives is in its way. Who only waits for a
// message, with a context that can end, does not notice.
func (c *Connection) hold() (err error) {
	c.mu.Lock()
	switch {
	case c.moved:
		err = ErrMoved
	case c.closed:
		err = os.ErrClosed
	case c.leaving:
		err = errLeaving
	default:
		c.leaving = true
	}
	c.mu.Unlock()
	if err != nil {
		return err
	}
	if err := c.takeTokens(); err != nil {
		c.settle()
		return err
	}
	switch {
	case c.out != nil && c.out.cut() != nil:
		err = c.out.cut()
	case c.in != nil && !c.in.empty():
		err = errors.New("messages have arrived at it: receive them first")
	}
	if err != nil {
		c.stay()
	}
	return err
}

// takeTokens takes those of sending and receiving.
func (c *Connection) takeTokens() error {
	select {
	case c.sending <- struct{}{}:
	default:
		return errors.New("somebody sends over it: wait until that is done")
	}
	if err := c.takeReceiving(); err != nil {
		<-c.sending
		return err
	}
	return nil
}

// takeReceiving takes the token of receiving. It borrows that of the goroutine
// that waits for messages.
func (c *Connection) takeReceiving() error {
	c.mu.Lock()
	fetching := c.fetching
	if fetching {
		c.pause = &pause{make(chan struct{}), make(chan struct{})}
	}
	p := c.pause
	c.mu.Unlock()
	if !fetching {
		select {
		case c.receiving <- struct{}{}:
			return nil
		default:
			return errors.New("somebody receives from it: wait until that is done")
		}
	}
	if !c.in.interrupt() {
		c.resume()
		return errors.New("somebody waits for messages at it, which cannot be broken off here")
	}
	<-p.begun
	c.in.resume()
	return nil
}

// resume ends the pause, and reports whether there was one.
func (c *Connection) resume() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pause == nil {
		return false
	}
	close(c.pause.over)
	c.pause = nil
	return true
}

// release gives back what takeTokens has taken.
func (c *Connection) release() {
	<-c.sending
	if !c.resume() {
		<-c.receiving
	}
}

// leave closes this side of a connection that has gone to a child.
func (c *Connection) leave() error {
	c.mu.Lock()
	c.moved, c.leaving = true, false
	c.mu.Unlock()
	err := c.end(true)
	c.release() // those who wait find out
	return err
}

// stay lets everybody use a connection again that has not gone to a child.
func (c *Connection) stay() {
	c.release()
	c.settle()
}

// settle is for a connection that is not on its way any more. If it was closed
// meanwhile, that is done now.
func (c *Connection) settle() {
	c.mu.Lock()
	c.leaving = false
	closed := c.closed
	c.mu.Unlock()
	if closed {
		_ = c.end(false) // whoever has closed it was told that it is
	}
}

// unlessMoved is the error of using a connection, which may have gone to a
// child.
func (c *Connection) unlessMoved(err error) error {
	if err == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.moved {
		return ErrMoved
	}
	return err
}
