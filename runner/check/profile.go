package check

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/google/pprof/profile"

	"github.com/gvp-bench/gvp/results/checks"
	"github.com/gvp-bench/gvp/results/profiles"
)

// profileTime is how long each side is profiled: at a hundred samples a second
// enough to see a function that takes some percents.
const profileTime = 3 * time.Second

// ProfileFile returns the name, within a check's folder, of the CPU profile of a
// benchmark on one side.
func ProfileFile(side, benchmark string) string {
	name := notInNames.ReplaceAllString(benchmark, "_")
	if name != benchmark || len(name) > 100 { // two names must not become one
		h := fnv.New32a()
		h.Write([]byte(benchmark))
		name = fmt.Sprintf("%s-%08x", name[:min(len(name), 100)], h.Sum32())
	}
	return side + "-" + name + profiles.Ext
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_=.-]+`)

// Profiles are the CPU profiles of a benchmark on both sides.
type Profiles struct {
	Base, Head string // files
	Units      uint64 // that were done on each side
}

// Profile takes CPU profiles of a benchmark, in a pass of its own. Each is the sum
// of several processes that do just what those of a sample do, the sides in turn.
func (s *Session) Profile(ctx context.Context, benchmark string) (Profiles, error) {
	var b *subject
	for _, one := range s.subjects {
		if one.Name == benchmark {
			b = one
		}
	}
	if b == nil || b.Units == 0 {
		return Profiles{}, fmt.Errorf("benchmark %s was not measured", benchmark)
	}
	n := max(1, int(profileTime/s.p.o.Target))
	var parts [2][]*profile.Profile
	for i := range n {
		for side := range s.sides {
			s.p.hooks.tell(Event{Phase: Profile, Side: sideNames[side], What: benchmark, Done: 2*i + side, Total: 2 * n})
			ps, err := s.profileOnce(ctx, b, side)
			if err != nil {
				return Profiles{}, err
			}
			parts[side] = append(parts[side], ps...)
		}
	}
	var files [2]string
	for side := range parts {
		var err error
		if files[side], err = s.storeProfile(sideNames[side], benchmark, parts[side]); err != nil {
			return Profiles{}, err
		}
	}
	return Profiles{files[base], files[head], uint64(n) * b.Units}, nil
}

// profileOnce returns the profiles of one sample.
func (s *Session) profileOnce(ctx context.Context, b *subject, side int) ([]*profile.Profile, error) {
	dir, err := os.MkdirTemp(s.p.temp, "profile-")
	if err != nil {
		return nil, fmt.Errorf("no place for a profile: %w", err)
	}
	defer os.RemoveAll(dir) // goes with the folder around it, at the latest
	to := dir
	if b.cell == nil {
		to = filepath.Join(dir, "cpu"+profiles.Ext)
	}
	_, out, err := s.ask(ctx, b, side, 0, b.Units, to)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("profiling %s of %s: %w%s", b.Name, s.sides[side], err, gist(out.stdout, out.stderr))
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("profiling %s: %w", b.Name, err)
	}
	var all []*profile.Profile
	for _, e := range entries {
		p, err := profiles.Read(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("profiling %s: %w", b.Name, err)
		}
		all = append(all, p)
	}
	return all, nil
}

// storeProfile writes the sum of profiles into the check's folder.
func (s *Session) storeProfile(side, benchmark string, parts []*profile.Profile) (string, error) {
	sum, err := profiles.Merge(parts...)
	if err != nil {
		return "", fmt.Errorf("profiling %s: %w", benchmark, err)
	}
	var data bytes.Buffer
	if err := sum.Write(&data); err != nil {
		return "", fmt.Errorf("profiling %s: %w", benchmark, err)
	}
	name := filepath.Join(s.Folder(), ProfileFile(side, benchmark))
	if err := checks.Replace(name, data.Bytes()); err != nil {
		return "", fmt.Errorf("cannot write the profile: %w", err)
	}
	return name, nil
}
