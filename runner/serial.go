package runner

import (
	"context"

	"github.com/gvp-bench/gvp/results"
)

// serial does the units one after another in a plain loop: the base of every
// speedup, without any machinery for concurrency.
type serial struct{}

func (serial) describe() results.CatalogMode {
	return results.CatalogMode{Name: "serial", Help: "one worker, no concurrency machinery: the base of every speedup", Single: true}
}

func (serial) gomaxprocs(int, int) int { return 1 }

func (serial) start(_ context.Context, t task) (crew, error) {
	m, err := newMember(t, 0)
	if err != nil {
		return nil, err
	}
	return &serialCrew{m}, nil
}

type serialCrew struct{ *member }

func (c *serialCrew) warm(_ context.Context, n uint64) error { return c.member.warm(n) }

func (c *serialCrew) do(ctx context.Context, n, _ uint64) (results.Fold, error) {
	c.member.begin()
	err := c.member.do(span{hi: n})
	if err == nil {
		err = ctx.Err()
	}
	return c.member.fold, err
}

func (c *serialCrew) report(context.Context) (crewReport, error) {
	peak, err := peakMemory(nil)
	return crewReport{latency: c.member.latency, peak: peak}, err
}

func (c *serialCrew) close() error { return c.member.close() }
