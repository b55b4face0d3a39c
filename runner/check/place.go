package check

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Place is where the function of a benchmark stands in the sources of head.
type Place struct {
	File string // from the root of the repository or, without one, from Options.Dir; with slashes
	Line int    // from 1
}

// Places returns where the benchmarks of head stand, by the names that they have in
// samples. Those of prebuilt binaries and of bench binaries are not among them,
// nor are functions that the tests have from elsewhere.
func (s *Session) Places() map[string]Place { return s.places }

// place notes where the functions of head are, also for what failed before it
// had a benchmark of its own.
func (s *Session) place(surveyed *survey, label map[string]string) {
	s.places = make(map[string]Place)
	for _, b := range s.sides[head].packages {
		for _, f := range b.functions {
			if f.place.File != "" {
				s.places[label[b.pkg]+strings.TrimPrefix(f.name, "Benchmark")] = f.place
			}
		}
	}
	for _, f := range surveyed.found {
		at := slices.IndexFunc(f.bench.functions, func(b function) bool { return b.name == f.function })
		if at >= 0 && f.bench.functions[at].place.File != "" {
			s.places[label[f.pkg]+f.printed] = f.bench.functions[at].place
		}
	}
}

// A function is a benchmark function in the sources.
type function struct {
	name  string // with "Benchmark"
	place Place  // its File is empty if it is not known
}

// functions returns the benchmark functions in the package's tests that may
// match, so that a package without one need not be built. A file that cannot be
// parsed counts as far as it can: building it says what is wrong.
func (p *preparation) functions(s *side, pkg *goPackage) []function {
	var all []function
	for _, name := range slices.Concat(pkg.TestGoFiles, pkg.XTestGoFiles) {
		file := filepath.Join(pkg.Dir, name)
		data, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(data, []byte("Benchmark")) {
			continue
		}
		set := token.NewFileSet()
		parsed, _ := parser.ParseFile(set, file, data, parser.SkipObjectResolution)
		if parsed == nil {
			continue
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Benchmark") || p.bench.filter(f.Name.Name) == "" {
				continue
			}
			// Where it is, not where a comment claims that it came from.
			line := set.PositionFor(f.Name.Pos(), false).Line
			all = append(all, function{f.Name.Name, Place{s.within(file), line}})
		}
	}
	return all
}

// within returns the path of a file from the root of the side's sources, with
// slashes; nothing if it is not in there.
func (s *side) within(file string) string {
	for _, resolve := range []func(string) (string, error){
		func(path string) (string, error) { return path, nil },
		filepath.EvalSymlinks, // git and go need not name the same folder alike
	} {
		root, err := resolve(s.root)
		if err != nil {
			continue
		}
		path, err := resolve(file)
		if err != nil {
			continue
		}
		if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return ""
}
