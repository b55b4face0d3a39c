package profiles

import (
	"errors"
	"fmt"

	"github.com/google/pprof/profile"
)

// Merge returns the sum of CPU profiles, which it leaves as they are. Its time
// is the earliest of theirs; it has no duration, because the sum of the
// durations of processes that ran side by side is no time that passed, and pprof
// would print a utilisation from it.
func Merge(ps ...*profile.Profile) (m *profile.Profile, err error) {
	defer func() { // profiles built by hand may lack what a merge relies on
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("merging profiles: %v", r)
		}
	}()
	if len(ps) == 0 {
		return nil, errors.New("no profiles to merge")
	}
	var earliest int64
	for i, p := range ps {
		if p == nil || !isCPU(p) {
			return nil, fmt.Errorf("merging profiles: number %d is not a CPU profile of a Go program", i)
		}
		if t := p.TimeNanos; t != 0 && (earliest == 0 || t < earliest) {
			earliest = t
		}
	}
	if m, err = profile.Merge(ps); err != nil {
		return nil, fmt.Errorf("merging profiles: %w", err)
	}
	// One profile without a time would make the merged time 0.
	m.TimeNanos, m.DurationNanos = earliest, 0
	return m, nil
}
