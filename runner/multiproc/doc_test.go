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
	names := 0
	for _, row := range table(t) {
		if strings.HasPrefix(row.here, "none: ") {
			continue
		}
		dir := "."
		for _, m := range word.FindAllStringSubmatch(row.here, -1) {
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
				t.Errorf("%s: there is no %s in %s", row.python, name, dir)
			}
		}
	}
	if names < 100 {
		t.Errorf("%d names were found in the table", names)
	}
}

// ofPython are the names of Python's package that somebody may look for.
const ofPython = `
	Process start Process.run Process.join timeout name pid exitcode daemon is_alive sentinel close
	interrupt terminate kill current_process parent_process active_children cpu_count
	get_context set_start_method get_start_method get_all_start_methods freeze_support authkey
	TimeoutError ProcessError AuthenticationError BufferTooShort
	Pipe duplex Connection.send recv send_bytes recv_bytes recv_bytes_into poll Connection.close
	connection.wait fileno reduction.send_handle recv_handle
	connection.Listener connection.Client answer_challenge
	Queue JoinableQueue SimpleQueue put get put_nowait get_nowait queue.Full queue.Empty
	qsize empty full join_thread cancel_join_thread task_done join
	Lock RLock Semaphore BoundedSemaphore Condition Event Barrier
	Condition.wait wait_for notify notify_all action abort reset
	Value Array get_lock RawValue RawArray sharedctypes.copy
	SharedMemory create SharedMemory.close unlink ShareableList SharedMemoryManager resource_tracker
	Manager SyncManager.start BaseManager.get_server BaseManager.connect BaseManager.shutdown register
	dict list set Namespace proxies BaseProxy._callmethod managers.Pool
	Pool processes initializer initargs apply apply_async map map_async chunksize starmap starmap_async
	imap imap_unordered AsyncResult callbacks maxtasksperchild ThreadPool multiprocessing.dummy
	log_to_stderr get_logger set_executable set_forkserver_preload
`

func TestTheTableNamesWhatPythonHas(t *testing.T) {
	pythonWord := regexp.MustCompile(`\w+(?:\.\w+)*`)
	there := map[string]bool{}
	for _, row := range table(t) {
		for _, name := range pythonWord.FindAllString(row.python, -1) {
			there[name] = true
		}
	}
	for name := range strings.FieldsSeq(ofPython) {
		if !there[name] {
			t.Errorf("nothing says what %s is here", name)
		}
	}
}

// A row of the table: what Python has, and what there is here.
type row struct{ python, here string }

// table returns the rows of the package documentation's table.
func table(t *testing.T) (rows []row) {
	t.Helper()
	_, text, _ := strings.Cut(packageDoc(t), "# From Python: the table")
	text, _, _ = strings.Cut(text, "# From Python: three programs")
	for line := range strings.SplitSeq(text, "\n") {
		const column = len("\t") + 34
		if strings.HasPrefix(line, "\t") && len(line) > column {
			rows = append(rows, row{strings.TrimSpace(line[:column]), line[column:]})
		}
	}
	return rows
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
