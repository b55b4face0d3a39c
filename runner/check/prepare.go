package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/results/checks"
)

// A preparation gets both sides ready.
type preparation struct {
	o     Options
	hooks Hooks
	bench pattern

	dir     string // absolute
	repo    *repository
	noRepo  error           // why there is none
	matched bool            // some package of a side is there
	matches map[string]bool // patterns of packages, cleaned, that match one

	cache string // for worktrees and builds
	temp  string // a folder that is removed at the end
}

func (p *preparation) note(side, text string) {
	p.hooks.tell(Event{Phase: Prepare, Side: side, Note: text})
}

// TempPrefix is what the names of temporary folders of checks begin with, by which
// those of killed ones are found and removed.
const TempPrefix = "gvp-check-"

// keepTemp is how long temporary folders are left alone: no check takes as long.
const keepTemp = 14 * 24 * time.Hour

// trimTemp removes temporary folders of checks that were killed long ago.
func trimTemp(dir string, now time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // nothing to trim
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), TempPrefix) {
			continue
		}
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > keepTemp {
			_ = removeAll(filepath.Join(dir, e.Name())) // perhaps next time, or it is somebody else's
		}
	}
}

// newPreparation finds the places of everything.
func newPreparation(ctx context.Context, o Options, hooks Hooks) (p *preparation, err error) {
	p = &preparation{o: o, hooks: hooks, matches: make(map[string]bool)}
	if p.bench, err = parsePattern(o.Bench); err != nil {
		return nil, err
	}
	if p.dir, err = filepath.Abs(o.Dir); err == nil {
		p.dir, err = filepath.EvalSymlinks(p.dir) // as git and go name it
	}
	if err != nil {
		return nil, fmt.Errorf("no folder to work in: %w", err)
	}
	trimTemp(os.TempDir(), time.Now())
	if p.temp, err = os.MkdirTemp("", TempPrefix); err != nil {
		return nil, fmt.Errorf("no place for temporary files: %w", err)
	}
	if o.Base.Binary != "" && o.Head.Binary != "" {
		return p, nil
	}
	p.findCache()
	p.repo, p.noRepo = openRepository(ctx, p.dir)
	if ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), p.remove())
	}
	n, err := cleanWorktrees(ctx, p.cache, p.repo)
	switch {
	case n == 1:
		p.note("", "removed 1 worktree that a killed gvp had left behind")
	case n > 1:
		p.note("", fmt.Sprintf("removed %d worktrees that a killed gvp had left behind", n))
	}
	if err != nil {
		p.note("", err.Error())
	}
	return p, nil
}

// findCache finds a folder for worktrees and builds. Where the cache cannot be
// written they go into the temporary one, which costs a build each time.
func (p *preparation) findCache() {
	p.cache = p.o.Cache
	var err error
	if p.cache == "" {
		if p.cache, err = os.UserCacheDir(); err == nil {
			p.cache = filepath.Join(p.cache, "gvp", "check")
		}
	}
	if err == nil {
		p.cache, err = filepath.Abs(p.cache)
	}
	if err == nil {
		err = writable(p.cache)
	}
	if err != nil {
		p.cache = p.temp
		p.note("", fmt.Sprintf("the cache cannot be written (%v): everything is built anew, in a temporary folder", err))
		return
	}
	trimBinaries(filepath.Join(p.cache, binDir), time.Now())
}

// writable makes the folders of a cache and tries to write into them.
func writable(cache string) error {
	for _, dir := range []string{treesDir, binDir} {
		dir = filepath.Join(cache, dir)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		f, err := os.CreateTemp(dir, ".try-")
		if err != nil {
			return err
		}
		if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (p *preparation) remove() error { return removeAll(p.temp) }

// sides gets hold of both sides and builds them.
func (p *preparation) sides(ctx context.Context) (base, head *side, err error) {
	defer func() {
		if err == nil {
			return
		}
		for _, s := range []*side{base, head} {
			if s != nil {
				err = errors.Join(err, s.remove())
			}
		}
		base, head = nil, nil
	}()
	// Both before anything is built: that a revision is missing shows at once.
	if base, err = p.openSide(ctx, checks.Base, p.o.Base); err != nil {
		return base, nil, err
	}
	if head, err = p.openSide(ctx, checks.Head, p.o.Head); err != nil {
		return base, head, err
	}
	if err := p.alike(base, head); err != nil {
		return base, head, err
	}
	if len(base.env) > 0 || len(head.env) > 0 { // a workspace of one side only
		base.env, head.env = []string{"GOWORK=off"}, []string{"GOWORK=off"}
	}
	for _, s := range []*side{base, head} {
		if err := p.listPackages(ctx, s); err != nil {
			return base, head, err
		}
	}
	p.noteUnmatched()
	if err := single(base, head); err != nil {
		return base, head, err
	}
	if p.o.Kinds == TestsElseCells {
		p.preferTests(base, head)
	}
	for _, s := range []*side{base, head} {
		if err := p.build(ctx, s); err != nil {
			return base, head, err
		}
	}
	return base, head, nil
}

// single has the package of a prebuilt binary stand for those of the other side,
// which may have more. Two binaries are compared whatever they are built from.
func single(base, head *side) error {
	for _, pair := range [][2]*side{{base, head}, {head, base}} {
		binary, other := pair[0], pair[1]
		if binary.root != "" {
			continue
		}
		b := binary.packages[0]
		i := slices.IndexFunc(other.packages, func(o *bench) bool { return o.main == b.main && (o.pkg == b.pkg || other.root == "") })
		if i < 0 {
			return fmt.Errorf("%s has the benchmarks of package %s, and %s has none of it", binary, b.pkg, other)
		}
		other.packages = other.packages[i : i+1]
		b.pkg = other.packages[0].pkg
	}
	return nil
}

// preferTests leaves bench binaries out, and says so, where both sides have go test
// benchmarks.
func (p *preparation) preferTests(base, head *side) {
	isTest := func(b *bench) bool { return !b.main }
	if !slices.ContainsFunc(base.packages, isTest) || !slices.ContainsFunc(head.packages, isTest) {
		return
	}
	var left []string
	for _, s := range []*side{base, head} {
		s.packages = slices.DeleteFunc(s.packages, func(b *bench) bool {
			if b.main && !slices.Contains(left, b.pkg) {
				left = append(left, b.pkg)
			}
			return b.main
		})
	}
	if len(left) > 0 {
		p.note("", "as there are go test benchmarks, the cells of "+strings.Join(left, ", ")+" are not compared: they are where some are chosen, as with --workload")
	}
}
