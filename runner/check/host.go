package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// A cellSpec is the cell of a bench binary that a benchmark is.
type cellSpec struct{ cell results.Cell }

// describeTimeout is far more than printing a list takes.
const describeTimeout = time.Minute

// cleanupTimeout is generous: removing a file a worker takes milliseconds.
const cleanupTimeout = 30 * time.Second

// hostEnv is the environment of a bench binary: what GOMAXPROCS is in each
// process is for the mode to say, and no host may take itself for a worker. It
// is padded as that of a test binary.
func hostEnv(padding int) []string {
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool {
		return strings.HasPrefix(kv, "GOMAXPROCS=") || strings.HasPrefix(kv, "GVP_MULTIPROC_") || strings.HasPrefix(kv, paddingName+"=")
	})
	return append(env, paddingName+"="+strings.Repeat("x", padding))
}

// A described bench binary has said what it can measure.
type described struct {
	bench   *bench
	to      *survey // of its side
	catalog results.Catalog
}

// describe asks a bench binary what it can measure, and adds that to all.
func (s *Session) describe(ctx context.Context, side *side, b *bench, label string, to *survey, all []described) ([]described, error) {
	out := s.run(ctx, call{path: b.builds[0].path, args: []string{results.DescribeCommand}, dir: b.dir, env: hostEnv(0)}, min(describeTimeout, s.p.o.Timeout))
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if errors.Is(out.err, errTimeUp) {
		s.check.Stopped = StoppedByTime
		to.failed[b.pkg+" "] = true // so that nothing of it counts as missing
		return all, nil
	}
	var c results.Catalog
	err := out.err
	if err == nil {
		err = json.Unmarshal(out.stdout, &c)
	}
	if err == nil && c.Protocol != results.ProtocolVersion {
		err = fmt.Errorf("it speaks version %d of the protocol, this tool version %d", c.Protocol, results.ProtocolVersion)
	}
	if err != nil {
		to.failed[b.pkg+" "] = true
		return all, s.unfound(side, b, label+"(all)", out, fmt.Errorf("not a bench binary, whose main function is runner.Main(workloads...): %w", err))
	}
	return append(all, described{b, to, c}), nil
}

// chooseCells has the caller choose among what bench binaries can measure.
func (s *Session) chooseCells(all []described) error {
	if len(all) == 0 {
		return nil
	}
	catalogs := make([]results.Catalog, len(all))
	for i, d := range all {
		catalogs[i] = d.catalog
	}
	chosen, err := s.p.o.Cells(catalogs)
	if err != nil {
		return err
	}
	for i, cells := range chosen {
		for _, cell := range cells {
			all[i].to.found = append(all[i].to.found, found{pkg: all[i].bench.pkg, printed: cell.Name(), bench: all[i].bench, cell: &cellSpec{cell}})
		}
	}
	return nil
}

// findCellUnits has the host find the number of units, on base.
func (s *Session) findCellUnits(ctx context.Context, b *subject) error {
	for b.Failed == "" {
		b.Units = 0
		sample := checks.Sample{Side: checks.Base}
		if err := s.take(ctx, b, base, &sample); err != nil {
			return err
		}
		if sample.OK {
			b.Units = sample.Units
			return nil
		}
		if err := s.record(b, Event{Phase: Calibrate, Side: checks.Base, What: b.Name}, sample); err != nil {
			return err
		}
	}
	return nil
}

// askHost has a host do so many units of a cell; with none, it finds how many
// last about as long as a sample is to.
func (s *Session) askHost(ctx context.Context, b *subject, bin *bench, path string, units uint64, profile string) (reading, *outcome, error) {
	spec := results.Spec{Protocol: results.ProtocolVersion, Cell: b.cell.cell, Units: units, Target: s.p.o.Target, Profile: profile}
	request, err := json.Marshal(spec)
	if err != nil {
		return reading{}, new(outcome), fmt.Errorf("encode the request: %w", err)
	}
	out := s.run(ctx, call{path: path, args: []string{results.HostCommand}, dir: bin.dir, env: hostEnv(s.padding.IntN(maxPadding)), input: request}, s.p.o.Timeout)
	sample, err := readReply(out, units)
	if err != nil {
		// What the workers of a host that was killed have left behind.
		clean := run(context.WithoutCancel(ctx), call{path: path, args: []string{results.CleanupCommand, string(request)}, dir: bin.dir, env: hostEnv(0)}, cleanupTimeout)
		if clean.err != nil {
			err = fmt.Errorf("%w; cannot clean up after the host: %w", err, clean.err)
		}
		return reading{}, out, err
	}
	return reading{units: sample.Units, metrics: sample.Metrics}, out, nil
}

// readReply judges what a host wrote and how it ended.
func readReply(out *outcome, units uint64) (*results.Sample, error) {
	var reply results.Reply
	err := json.Unmarshal(out.stdout, &reply)
	switch {
	case err == nil && reply.Error != "":
		return nil, errors.New(reply.Error)
	case out.err != nil:
		return nil, out.err
	case err != nil || reply.Sample == nil:
		return nil, errors.New("the host's answer holds no sample")
	case reply.Sample.Units == 0 || units != 0 && reply.Sample.Units != units:
		return nil, fmt.Errorf("the host did %d units, not the %d asked for", reply.Sample.Units, units)
	case units == 0:
		return reply.Sample, nil
	}
	if err := results.CheckMetrics(reply.Sample.Metrics); err != nil {
		return nil, fmt.Errorf("the host's answer: %w", err)
	}
	return reply.Sample, nil
}
