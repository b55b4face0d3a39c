package multiproc

import (
	"context"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// An Event is a flag that the process that made it, and all of its descendants
// that got it in a message, can set, clear and wait for.
type Event struct{ ref }

// NewEvent returns an event that is not set.
func NewEvent() *Event { return &Event{share(&hub.Event{})} }

// Set sets the event and wakes all who wait for it.
func (e *Event) Set() error {
	_, err := e.now(hub.EventSet)
	return err
}

// Clear clears the event.
func (e *Event) Clear() error {
	_, err := e.now(hub.EventClear)
	return err
}

// IsSet tells whether the event is set.
func (e *Event) IsSet() (bool, error) { return e.truth(hub.EventIsSet) }

// Wait waits until the event is set.
func (e *Event) Wait(ctx context.Context) error {
	_, err := e.do(ctx, hub.EventWait, nil)
	return err
}

// Close ends the event: whoever waits for it gets [ErrClosed]. Only the process
// that made it can do that.
func (e *Event) Close() error { return e.close() }
