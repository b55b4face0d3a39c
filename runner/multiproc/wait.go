package multiproc

import (
	"context"
	"reflect"
)

// A Waitable tells when there is something to do about it: a [Connection], the
// [Receiver] of a pipe, a [Child].
type Waitable interface {
	// Ready returns a channel that is closed when there is, and nil if there
	// will never be.
	Ready() <-chan struct{}
}

// Ready returns a channel that is closed when the child has ended, as
// [Child.Ended] does.
func (c *Child) Ready() <-chan struct{} { return c.ended }

// Wait waits until some of the items are ready and returns those that are, in
// the order in which they were given. A message is not received by that, and an
// item stays ready until it is. The error is that of ctx, if it ends before any
// of them is. Without items, Wait returns at once.
func Wait(ctx context.Context, items ...Waitable) ([]Waitable, error) {
	if len(items) == 0 {
		return nil, nil
	}
	channels := make([]<-chan struct{}, len(items))
	cases := make([]reflect.SelectCase, len(items), len(items)+1)
	for i, item := range items {
		channels[i] = item.Ready()
		cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(channels[i])}
	}
	cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ctx.Done())})
	if ready := closedOf(items, channels); len(ready) > 0 {
		return ready, nil // whatever became of ctx
	}
	reflect.Select(cases)
	if ready := closedOf(items, channels); len(ready) > 0 {
		return ready, nil
	}
	return nil, ctx.Err()
}

// closedOf returns the items whose channels are closed.
func closedOf(items []Waitable, channels []<-chan struct{}) (ready []Waitable) {
	for i, c := range channels {
		select {
		case <-c:
			ready = append(ready, items[i])
		default:
		}
	}
	return ready
}
