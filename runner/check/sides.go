package check

import (
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// A side is one of the two things that are compared, ready to be built and
// measured.
type side struct {
	name string // checks.Base or checks.Head
	info checks.Side

	root string   // of the source; empty of a binary
	dir  string   // where patterns mean what they say; below root
	env  []string // what the go command is told in its environment

	packages []*bench
	tree     *worktree // that goes with the side; nil if there is none
}

// String names the side for people.
func (s *side) String() string {
	if s.info.Revision != "" && s.info.What != s.info.Revision {
		return fmt.Sprintf("%s (%s, %s)", s.name, s.info.What, s.info.Revision[:min(12, len(s.info.Revision))])
	}
	return fmt.Sprintf("%s (%s)", s.name, s.info.What)
}

// remove removes what the side has put on the disk.
func (s *side) remove() error {
	if s.tree == nil {
		return nil
	}
	tree := s.tree
	s.tree = nil
	return tree.remove()
}

// A bench is what is built of one package: the binary that has its benchmarks.
type bench struct {
	pkg    string // import path
	module string
	dir    string // where it runs
	main   bool   // it is a bench binary, of runner.Main
	key    string // hash of all that it is built from

	functions []function // its benchmark functions, those that may match
	builds    []build    // at least one
}

// A build is one binary of a bench.
type build struct {
	path string
	info fs.FileInfo // of a prebuilt one, when it was found
}

// unchanged returns an error if a prebuilt file is no longer the one that it
// was. What is in the cache always has the content that its name stands for.
func (b build) unchanged() error {
	if b.info == nil {
		return nil
	}
	now, err := os.Stat(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s was removed during the check", b.path)
	}
	if err != nil {
		return err
	}
	if !os.SameFile(now, b.info) || now.Size() != b.info.Size() || !now.ModTime().Equal(b.info.ModTime()) {
		return fmt.Errorf("%s was replaced during the check", b.path)
	}
	return nil
}

// A KindError says that a binary is of a kind that was not asked for.
type KindError struct {
	What string // names its side for people
	Test bool   // it is a test binary, and cells were asked for; else the reverse
}

func (e *KindError) Error() string {
	if e.Test {
		return e.What + " is no bench binary, whose main function is runner.Main"
	}
	return e.What + " is no test binary, as go test -c makes"
}

// openSide gets hold of a side.
func (p *preparation) openSide(ctx context.Context, name string, src Source) (*side, error) {
	s := &side{name: name, info: checks.Side{What: src.String()}}
	p.hooks.tell(Event{Phase: Prepare, Side: name, What: src.String()})
	var err error
	switch {
	case src.Binary != "":
		err = p.openBinary(s, src.Binary)
	case src.Revision != "":
		err = p.openRevision(ctx, s, src.Revision)
	default:
		err = p.openTree(ctx, s)
	}
	if err != nil {
		return nil, errors.Join(err, s.remove())
	}
	if s.root == "" {
		return s, nil
	}
	if err := p.readSettings(ctx, s); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

// openTree takes the working tree as it stands. There need not be a repository.
func (p *preparation) openTree(ctx context.Context, s *side) error {
	s.root, s.dir = p.dir, p.dir
	if p.repo == nil {
		return nil
	}
	s.root = p.repo.top
	if _, err := git(ctx, p.repo.top, "rev-parse", "--verify", "--quiet", "HEAD"); err != nil {
		return ctx.Err() // nothing is committed yet
	}
	head, err := p.repo.resolve(ctx, "HEAD")
	if err != nil {
		return err
	}
	s.info.Revision, s.info.Subject = head.hash, head.subject
	s.info.Modified, err = p.repo.modified(ctx)
	return err
}

// openRevision checks a revision out.
func (p *preparation) openRevision(ctx context.Context, s *side, revision string) error {
	if p.repo == nil {
		return p.noRepo
	}
	c, err := p.repo.resolve(ctx, revision)
	if err != nil {
		return err
	}
	s.info.Revision, s.info.Subject = c.hash, c.subject
	if s.tree, err = addWorktree(ctx, p.repo, p.cache, c.hash); err != nil {
		return err
	}
	s.root, s.dir = s.tree.path, filepath.Join(s.tree.path, filepath.FromSlash(p.repo.prefix))
	if info, err := os.Stat(s.dir); err != nil || !info.IsDir() {
		return fmt.Errorf("revision %s has no folder %s", revision, strings.TrimSuffix(p.repo.prefix, "/"))
	}
	return nil
}

// alike returns an error if two binaries were not built alike: what they differ in is
// then not their source alone. Of a side that is built here, the source may say
// which Go it wants, and so that is only noted, as is what need not matter.
func (p *preparation) alike(base, head *side) error {
	about := func(s *side, name string) []string {
		value := s.info.Settings[name]
		switch {
		case name == goKey:
			value = s.info.Go
		case name == "-pgo" && value != "": // the folder of the source is none of the build's business
			value = filepath.Base(value)
		case name == "-ldflags":
			value = results.LinkerFlags(value)
		case name == "DefaultGODEBUG", name == "-trimpath": // follows from go.mod, which is source; changes no speed
			return nil
		}
		if value == "" {
			return nil
		}
		return []string{value}
	}
	both := base.root == "" && head.root == ""
	names := map[string]bool{goKey: true, results.LevelVariable(runtime.GOARCH): true, "GOEXPERIMENT": true}
	for _, s := range []*side{base, head} {
		for name := range s.info.Settings {
			names[name] = names[name] || both
		}
	}
	trimmed := base.info.Settings["-trimpath"] != head.info.Settings["-trimpath"]
	var differ, doubtful []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		d := checks.Difference{Key: name, Base: about(base, name), Head: about(head, name)}
		// Folders are often all that differs in flags for C, and nothing of them need
		// be measured; -trimpath hides some settings.
		forC := strings.HasPrefix(name, "CGO_") && strings.HasSuffix(name, "FLAGS")
		switch {
		case !names[name] || slices.Equal(d.Base, d.Head):
		case !both, forC, trimmed && name == "-ldflags":
			doubtful = append(doubtful, d.String())
		default:
			differ = append(differ, d.String())
		}
	}
	if len(differ) > 0 {
		return &OptionsError{fmt.Errorf("the binaries are not built alike: %s: build both with the same Go and the same settings", strings.Join(differ, "; "))}
	}
	if len(doubtful) > 0 {
		p.note("", "the sides are not built alike, which counts as a difference: "+strings.Join(doubtful, "; "))
	}
	return nil
}

// goKey is what stands for the Go version among settings.
const goKey = "go"

// readSettings asks the go command what it is and what it builds for.
func (p *preparation) readSettings(ctx context.Context, s *side) error {
	out, err := goTool(ctx, s.dir, nil, "env", "GOWORK", "GOMOD")
	if err != nil {
		return fmt.Errorf("cannot ask go for its settings: %w", err)
	}
	work, mod, _ := strings.Cut(strings.TrimRight(out, "\r\n"), "\n")
	work = strings.TrimSpace(work)
	if mod = strings.TrimSpace(mod); mod == "" || mod == os.DevNull {
		wayOut := "run gvp in the folder of a module"
		if p.repo != nil {
			if dirs := p.repo.modules(ctx); len(dirs) > 0 {
				wayOut += fmt.Sprintf(", which below %s are %s", p.repo.top, strings.Join(dirs, ", "))
			}
		}
		return fmt.Errorf("%s: no go.mod in %s or above it: %s", s, p.dir, wayOut)
	}
	// A workspace that is not in the repository would be there for one side
	// only, and one that the environment names is that of another tree.
	if work != "" && work != "off" && p.repo != nil && (!s.has(work) || s.tree == nil && !p.repo.tracks(ctx, work)) {
		p.note(s.name, "the workspace "+work+" is not in the repository and is left out of both sides (GOWORK=off)")
		s.env = []string{"GOWORK=off"}
	}
	if s.info.Settings, err = goSettings(ctx, s.dir, s.env); err != nil {
		return err
	}
	s.info.Go = s.info.Settings["GOVERSION"]
	delete(s.info.Settings, "GOVERSION")
	return nil
}

// openBinary takes a file that is built already.
func (p *preparation) openBinary(s *side, path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("binary %s: %w", path, err)
	}
	f, err := os.Open(abs)
	if err != nil {
		return fmt.Errorf("no binary: %w", err)
	}
	defer f.Close() // only read
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("binary: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("binary %s is not a file", path)
	}
	about, err := buildinfo.Read(f)
	if err != nil {
		return fmt.Errorf("binary %s is not a Go program: %w", path, err)
	}
	sum, err := hashFile(abs)
	if err != nil {
		return fmt.Errorf("binary: %w", err)
	}
	pkg, test := strings.CutSuffix(about.Path, ".test")
	if !test && (p.o.Cells == nil || p.o.Kinds == TestsAndCells) || test && p.o.Kinds != TestsElseCells {
		return &KindError{s.String(), test}
	}
	s.info.Go, s.info.Settings = about.GoVersion, make(map[string]string)
	for _, set := range about.Settings {
		switch {
		case set.Key == "vcs.revision":
			s.info.Revision = set.Value
		case set.Key == "vcs.modified":
			s.info.Modified = set.Value == "true"
		case !strings.HasPrefix(set.Key, "vcs"):
			s.info.Settings[set.Key] = set.Value
		}
	}
	s.info.Flags = results.BuildFlags(about.Settings)
	b := &bench{pkg: pkg, module: about.Main.Path, dir: p.dir, main: !test, builds: []build{{abs, info}}}
	s.packages = []*bench{b}
	s.info.Builds = []checks.Build{{Package: pkg, SHA256: sum}}
	return nil
}

func hashFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
