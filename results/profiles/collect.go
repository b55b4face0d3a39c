package profiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/pprof/profile"
)

// Keys of the labels of every sample.
const (
	Mode     = "mode"
	Workload = "workload"
	Worker   = "worker"
)

// Host is the worker of samples that no worker's label claims: the dispatcher,
// the scheduler and the garbage collector of the host itself.
const Host = "host"

// Ext is how the names of profiles end.
const Ext = ".pb.gz"

// Labels say what a host did while it was profiled.
type Labels struct{ Mode, Workload string }

// Collect reads and merges the profiles that the processes of one host left in
// the folder: host.pb.gz, w0.pb.gz of a worker process, w0-17.pb.gz of a worker
// process that did one unit. It labels all their samples with l, and with the
// worker after whom the file is named unless a goroutine's own label says who it
// was.
//
// Files that cannot be read are left out and named in the warnings. It is an
// error if none can be read; profiles without samples are fine.
func Collect(dir string, l Labels) (p *profile.Profile, warnings []string, err error) {
	entries, err := os.ReadDir(dir) // sorted by name, so that the result does not vary
	if err != nil {
		return nil, nil, fmt.Errorf("collecting profiles: %w", err)
	}
	var ps []*profile.Profile
	var empty []string
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), Ext)
		if !ok {
			continue
		}
		p, err := Read(filepath.Join(dir, e.Name()))
		switch {
		case errors.Is(err, errEmpty):
			empty = append(empty, e.Name())
		case err != nil:
			warnings = append(warnings, fmt.Sprintf("profile left out: %v", err))
		default:
			label(p, l, workerOf(name))
			ps = append(ps, p)
		}
	}
	if w := emptyWarning(empty, l.Mode); w != "" {
		warnings = append(warnings, w)
	}
	if len(ps) == 0 {
		return nil, warnings, fmt.Errorf("collecting profiles: %w", &fs.PathError{Op: "read", Path: dir, Err: errNone})
	}
	if p, err = Merge(ps...); err != nil {
		return nil, warnings, fmt.Errorf("collecting profiles in %s: %w", dir, err)
	}
	return p, warnings, nil
}

var errNone = errors.New("no readable profile in it")

// label sets the labels of all samples of a process's profile.
func label(p *profile.Profile, l Labels, worker string) {
	p.SetLabel(Mode, []string{l.Mode})
	p.SetLabel(Workload, []string{l.Workload})
	for _, s := range p.Sample {
		own := worker
		if v := s.Label[Worker]; len(v) > 0 {
			own = workerOf(v[0])
		}
		s.Label[Worker] = []string{own}
	}
}

// workerOf returns the worker that a file's name or a label stands for: w0 for
// w0, w0-17 and 0.
func workerOf(name string) string {
	name, _, _ = strings.Cut(name, "-")
	switch {
	case name == "":
		return Host
	case strings.Trim(name, "0123456789") == "":
		return "w" + name
	}
	return name
}

// emptyWarning returns one warning for all empty profiles: spawn may leave
// hundreds. It names the first three.
func emptyWarning(names []string, mode string) string {
	if len(names) == 0 {
		return ""
	}
	list := strings.Join(names[:min(3, len(names))], ", ")
	if len(names) > 3 {
		list += ", …"
	}
	return fmt.Sprintf("%d empty profiles of mode %s left out (%s): their processes ended before writing them", len(names), mode, list)
}
