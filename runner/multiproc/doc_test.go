package multiproc

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// word is an exported name in the table, with its package if it is not this one
// and its member if it has one.
var word = regexp.MustCompile(`(?:\b([a-z]+)\.)?\b([A-Z]\w*)(?:\.([A-Z]\w*))?`)

func TestTheTableNamesWhatThereIs(t *testing.T) {
	exported := map[string]map[string]bool{}
	for _, dir := range []string{".", "connection", "managers"} {
		exported[dir] = namesIn(t, dir)
	}
	_, table, _ := strings.Cut(packageDoc(t), "# From Python: the table")
	table, _, _ = strings.Cut(table, "# From Python: three programs")
	names := 0
	for line := range strings.SplitSeq(table, "\n") {
		const column = len("\t") + 34
		if !strings.HasPrefix(line, "\t") || len(line) <= column || strings.HasPrefix(line[column:], "none: ") {
			continue
		}
		dir := "."
		for _, m := range word.FindAllStringSubmatch(line[column:], -1) {
			pkg, name, member := m[1], m[2], m[3]
			switch {
			case name == "Go":
				continue
			case exported[pkg] != nil:
				dir = pkg // which what follows on the line leaves out
			case pkg != "":
				continue // the standard library's
			}
			if member != "" {
				name += "." + member
			}
			names++
			if !exported[dir][name] && !exported["."][name] {
				t.Errorf("%s: there is no %s in %s", strings.TrimSpace(line), name, dir)
			}
		}
	}
	if names < 100 {
		t.Errorf("%d names were found in the table", names)
	}
}

// packageDoc returns the documentation of this package.
func packageDoc(t *testing.T) string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	return f.Doc.Text()
}

// namesIn returns the exported names of a package, Type.Method for methods and
// Type.Field for fields. Those that a type has by embedding count, too.
func namesIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names, embeds := map[string]bool{}, map[string][]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			declared(d, names, embeds)
		}
	}
	for range 3 { // embedding in embedding
		for outer, inners := range embeds {
			for _, inner := range inners {
				for name := range names {
					if owner, member, ok := strings.Cut(name, "."); ok && owner == inner {
						names[outer+"."+member] = true
					}
				}
			}
		}
	}
	return names
}

// declared notes what a declaration declares.
func declared(d ast.Decl, names map[string]bool, embeds map[string][]string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			name = typeName(d.Recv.List[0].Type) + "." + name
		}
		names[name] = true
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					names[n.Name] = true
				}
			case *ast.TypeSpec:
				names[spec.Name.Name] = true
				fields, ok := spec.Type.(*ast.StructType)
				if !ok {
					continue
				}
				for _, f := range fields.Fields.List {
					for _, n := range f.Names {
						names[spec.Name.Name+"."+n.Name] = true
					}
					if len(f.Names) == 0 {
						embeds[spec.Name.Name] = append(embeds[spec.Name.Name], typeName(f.Type))
					}
				}
			}
		}
	}
}

// typeName returns the name of a type without what is around it.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
