package managers

import (
	"context"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// An Event is a flag that can be set, cleared and waited for.
type Event struct{ proxy[eventOf] }

type eventOf struct{}

func (eventOf) words() string { return "event" }

// NewEvent makes an event that is not set.
func NewEvent(ctx context.Context, where In) (*Event, error) {
	p, err := newObject[eventOf](ctx, where, kindEvent, nil)
	if err != nil {
		return nil, err
	}
	return &Event{p}, nil
}

// Set sets the event and wakes all who wait for it.
func (e *Event) Set(ctx context.Context) error { return e.just(ctx, hub.EventSet, nil) }

// Clear clears the event.
func (e *Event) Clear(ctx context.Context) error { return e.just(ctx, hub.EventClear, nil) }

// IsSet tells whether the event is set.
func (e *Event) IsSet(ctx context.Context) (bool, error) { return e.truth(ctx, hub.EventIsSet) }

// Wait waits until the event is set.
func (e *Event) Wait(ctx context.Context) error { return e.just(ctx, hub.EventWait, nil) }
