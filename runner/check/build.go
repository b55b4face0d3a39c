package check

import (
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// binDir, in the cache, has the built binaries, each under the hash of all that
// it was built from; beside it, with sumExt, is its own hash.
const (
	binDir = "bin"
	sumExt = ".sum"
)

// keepBinaries is how long an unused binary stays in the cache.
const keepBinaries = 14 * 24 * time.Hour

// trimBinaries removes what nobody has used for long.
func trimBinaries(dir string, now time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // nothing to trim
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > keepBinaries {
			_ = os.Remove(filepath.Join(dir, e.Name())) // perhaps next time
		}
	}
}

// A BuildError says that a package of a side does not build.
type BuildError struct {
	Side    string // checks.Base or checks.Head
	What    string // names it for people
	Package string

	// Output is what the compiler said, limited; there is at least one line.
	Output []string
}

func (e *BuildError) Error() string {
	line := e.Output[0]
	for _, l := range e.Output {
		if !strings.HasPrefix(l, "#") { // the compiler's heading
			line = l
			break
		}
	}
	return fmt.Sprintf("%s does not build: %s: %s", e.What, e.Package, line)
}

// maxOutput is how many lines of the compiler's are kept.
const maxOutput = 20

func (s *side) buildError(pkg string, err error) error {
	failed, ok := errors.AsType[*commandError](err)
	if !ok {
		return fmt.Errorf("cannot build %s of %s: %w", pkg, s, err)
	}
	var out []string
	for line := range strings.Lines(failed.stderr) {
		line = strings.TrimRight(line, "\r\n")
		line = strings.ReplaceAll(line, s.root+string(filepath.Separator), "")
		out = append(out, strings.TrimPrefix(line, "go: "))
	}
	if n := len(out) - maxOutput; n > 0 {
		out = append(out[:maxOutput], fmt.Sprintf("... and %d more lines", n))
	}
	if len(out) == 0 {
		out = []string{failed.Error()}
	}
	return &BuildError{s.name, s.String(), pkg, out}
}

// runnerPackage is what the main package of a bench binary imports.
const runnerPackage = "github.com/gvp-bench/gvp/runner"

// listPackages finds the packages of a side that may have benchmarks.
func (p *preparation) listPackages(ctx context.Context, s *side) error {
	if s.root == "" {
		p.matched = true
		return nil // it is a binary
	}
	all, err := goList(ctx, s, p.o.BuildFlags, p.patterns())
	if err != nil {
		return err
	}
	keys := newKeys(s, all, p.o.BuildFlags)
	for _, pkg := range all {
		if of, ok := strings.CutSuffix(pkg.ImportPath, ".test"); pkg.DepOnly || pkg.ForTest != "" || ok && keys.packages[of] != nil {
			continue // what others need, and what go makes of tests
		}
		if pkg.Dir != "" && exists(pkg.Dir) {
			p.matched = true
			for _, pattern := range pkg.Match {
				p.matches[cleanPattern(pattern)] = true
			}
		}
		b := &bench{pkg: pkg.ImportPath, dir: pkg.Dir}
		if pkg.Module != nil {
			b.module = pkg.Module.Path
		}
		if pkg.Name == "main" && slices.Contains(pkg.Imports, runnerPackage) && p.o.Cells != nil {
			m := *b
			m.main = true
			m.key = keys.of(pkg.ImportPath)
			s.packages = append(s.packages, &m)
		}
		if b.functions = p.functions(s, pkg); len(b.functions) == 0 || p.o.Kinds == CellsAlone {
			continue
		}
		b.key = keys.of(pkg.ImportPath + ".test")
		s.packages = append(s.packages, b)
	}
	return nil
}

// patterns returns those of the packages as each side understands them.
func (p *preparation) patterns() []string {
	patterns := make([]string, len(p.o.Packages))
	for i, pattern := range p.o.Packages {
		patterns[i] = pattern
		// A folder named in full is the same folder of each side.
		if rel, err := filepath.Rel(p.dir, pattern); filepath.IsAbs(pattern) && err == nil {
			patterns[i] = "." + string(filepath.Separator) + rel
		}
	}
	return patterns
}

// cleanPattern returns a pattern in a form that does not depend on how go list
// writes it.
func cleanPattern(pattern string) string { return path.Clean(filepath.ToSlash(pattern)) }

// noteUnmatched names the patterns that match no package on either side, where
// others do: what they were to choose would go unmeasured without a word.
func (p *preparation) noteUnmatched() {
	if len(p.matches) == 0 {
		return // two binaries; or nothing matched, which is an error
	}
	for i, pattern := range p.patterns() {
		if !p.matches[cleanPattern(pattern)] {
			p.note("", "no package matches "+p.o.Packages[i])
		}
	}
}

// keys finds what a package is built from.
type keys struct {
	side     *side
	flags    []string
	packages map[string]*goPackage
	sums     map[string]string // of files
}

func newKeys(s *side, all []*goPackage, flags []string) *keys {
	k := &keys{side: s, flags: flags, packages: make(map[string]*goPackage), sums: make(map[string]string)}
	for _, p := range all {
		k.packages[p.ImportPath] = p
	}
	return k
}

// of returns a hash of all that a package is built from: the content of its
// files and of those of all packages that it needs, and the settings. Modules in
// the module cache are known by their versions. It does not depend on where
// the files lie, nor on what else is in the revision. It is empty where that is
// more than what is hashed: such a build is not kept.
func (k *keys) of(path string) string {
	p := k.packages[path]
	if p == nil {
		return "" // go list could not make sense of it; building it says why
	}
	// Building says what is wrong with a GOFLAGS that cannot be split.
	if env, err := results.SplitFlags(k.side.info.Settings["GOFLAGS"]); err != nil || readFiles(env) || readFiles(k.flags) {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "gvp check 2\n%s\n%s\n%q\n", path, k.side.info.Go, k.flags)
	for _, name := range slices.Sorted(maps.Keys(k.side.info.Settings)) {
		fmt.Fprintf(h, "%s=%s\n", name, k.side.info.Settings[name])
	}
	for _, dep := range append(slices.Clone(p.Deps), path) {
		d := k.packages[dep]
		if d == nil || d.Standard && d.Module == nil {
			continue
		}
		fmt.Fprintf(h, "package %s\n", d.ImportPath)
		if m := d.Module; m != nil && m.Version != "" && m.Replace == nil && !k.side.has(d.Dir) {
			fmt.Fprintf(h, "%s@%s\n", m.Path, m.Version)
			continue
		}
		files := d.sources()
		if strings.HasSuffix(d.ImportPath, ".test") {
			files = nil // made by go from the tests' own
		}
		if d.ForTest != "" {
			if of := k.packages[d.ForTest]; of != nil {
				files = append(files, of.tests()...)
			}
		}
		// Settings of the module, and of the profile that guides the compiler.
		for _, file := range []string{filepath.Join(d.Dir, "default.pgo"), goModOf(d)} {
			if file != "" && exists(file) {
				files = append(files, file)
			}
		}
		k.add(h, d.Dir, files)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func goModOf(p *goPackage) string {
	if p.Module == nil {
		return ""
	}
	return p.Module.GoMod
}

// has reports whether a folder is in the source of the side.
func (s *side) has(dir string) bool {
	rel, err := filepath.Rel(s.root, dir)
	return err == nil && filepath.IsLocal(rel)
}

// add hashes the named files of a folder.
func (k *keys) add(h io.Writer, dir string, files []string) {
	slices.Sort(files)
	for _, name := range slices.Compact(files) {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, name)
		}
		sum, ok := k.sums[path]
		if !ok {
			var err error
			if sum, err = hashFile(path); err != nil {
				sum = "unreadable" // building it will say so
			}
			k.sums[path] = sum
		}
		fmt.Fprintf(h, "%s %s\n", filepath.Base(name), sum)
	}
}

// layouts returns the seeds of the builds of each package of a side: each side
// has its own, so that two sides of the same source differ in layout, too.
func (p *preparation) layouts(side string) []uint64 {
	if p.o.Layouts == 0 {
		return []uint64{0}
	}
	stream := uint64(1)
	if side == checks.Head {
		stream = 2
	}
	rng := rand.New(rand.NewPCG(p.o.Seed, stream))
	seeds := make([]uint64, p.o.Layouts)
	for i := range seeds {
		seeds[i] = 1 + rng.Uint64N(1<<31-1) // the linker's flag is an int64, and 0 is none
	}
	return seeds
}

// build builds all packages of a side.
func (p *preparation) build(ctx context.Context, s *side) error {
	if s.root == "" {
		return nil // it is a binary
	}
	seeds := p.layouts(s.name)
	done, total := 0, len(s.packages)*len(seeds)
	for _, b := range s.packages {
		for _, seed := range seeds {
			p.hooks.tell(Event{Phase: Build, Side: s.name, What: b.pkg, Done: done, Total: total})
			info, err := p.buildOne(ctx, s, b, seed)
			if err != nil {
				return err
			}
			s.info.Builds = append(s.info.Builds, info)
			done++
		}
	}
	return p.readFlags(s)
}

// goFlags are the words of GOFLAGS; none if go cannot split it either, and says so.
func (s *side) goFlags() []string {
	words, _ := results.SplitFlags(s.info.Settings["GOFLAGS"])
	return words
}

// readFlags has the binaries say what they were built with, as one that is built already
// does: only go knows which of its flags matter to them, and which default.pgo there was.
// What they do not say is -ldflags: -trimpath hides it.
func (p *preparation) readFlags(s *side) error {
	if len(s.packages) == 0 {
		return nil
	}
	about, err := buildinfo.ReadFile(s.packages[0].builds[0].path)
	if err != nil {
		return fmt.Errorf("cannot tell how %s was built: %w", s.packages[0].pkg, err)
	}
	ldflags, _ := linkerFlags(slices.Concat(s.goFlags(), p.o.BuildFlags))
	s.info.Flags = results.BuildFlags(append(about.Settings, debug.BuildSetting{Key: "-ldflags", Value: ldflags}))
	return nil
}

// buildOne builds a package once, or takes it from the cache.
func (p *preparation) buildOne(ctx context.Context, s *side, b *bench, seed uint64) (checks.Build, error) {
	info := checks.Build{Package: b.pkg, Layout: seed}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", b.key, seed))
	path := filepath.Join(p.cache, binDir, hex.EncodeToString(sum[:])+exeExt(s.info.Settings["GOOS"]))
	var err error
	if b.key != "" {
		if info.SHA256, err = cached(path); err == nil {
			info.Cached = true
			b.builds = append(b.builds, build{path: path})
			return info, nil
		}
	}
	temp, err := os.MkdirTemp(p.temp, "build-")
	if err != nil {
		return info, fmt.Errorf("cannot build %s: %w", b.pkg, err)
	}
	out := filepath.Join(temp, filepath.Base(path))
	args := append(buildFlags(b.main, s.goFlags(), p.o.BuildFlags, seed), "-o", out, b.pkg)
	if _, err := goTool(ctx, s.dir, s.env, args...); err != nil {
		return info, s.buildError(b.pkg, err)
	}
	if info.SHA256, err = hashFile(out); err != nil {
		return info, fmt.Errorf("cannot build %s: %w", b.pkg, err)
	}
	if b.key != "" {
		// Two that build the same at a time both have the same result.
		if err := store(out, path, info.SHA256); err == nil {
			out = path
		}
	}
	b.builds = append(b.builds, build{path: out})
	return info, nil
}

// buildFlags are the arguments of the go command, which has flags in its environment, too.
func buildFlags(main bool, env, flags []string, seed uint64) []string {
	args := []string{"test", "-c", "-vet=off"}
	if main {
		args = []string{"build"}
	}
	args = append(args, "-trimpath", "-buildvcs=false")
	// Of several -ldflags only the last would count.
	_, others := linkerFlags(flags)
	args = append(args, others...)
	ldflags, _ := linkerFlags(slices.Concat(env, flags))
	if seed != 0 {
		ldflags = strings.TrimSpace(fmt.Sprintf("%s -randlayout=%d", ldflags, seed))
	}
	if ldflags != "" {
		args = append(args, "-ldflags="+ldflags)
	}
	return args
}

func exeExt(goos string) string {
	if goos == "windows" {
		return ".exe"
	}
	return ""
}

// cached returns the hash of a binary in the cache, if it is there and whole.
func cached(path string) (string, error) {
	want, err := os.ReadFile(path + sumExt)
	if err != nil {
		return "", err
	}
	sum, err := hashFile(path)
	if err != nil {
		return "", err
	}
	if sum != string(want) {
		return "", fmt.Errorf("%s is damaged", path)
	}
	now := time.Now() // it is in use: see trimBinaries
	for _, name := range []string{path, path + sumExt} {
		if err := os.Chtimes(name, now, now); err != nil {
			return "", err
		}
	}
	return sum, nil
}

// store puts a binary into the cache: it appears there whole, or not at all.
func store(from, to, sum string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{to: data, to + sumExt: []byte(sum)} {
		if err := replace(name, data); err != nil {
			return err
		}
	}
	return nil
}

// replace writes a file beside its place, and then puts it there.
func replace(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o755), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error that led here says more
	}
	return err
}
