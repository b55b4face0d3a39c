package check

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/results/checks"
)

func TestRevisionThatIsNotThere(t *testing.T) {
	long(t)
	o := options(t)
	dir := o.Dir
	shallow := filepath.Join(t.TempDir(), "shallow")
	must(t, dir, "git", "clone", "-q", "--depth=1", "file://"+dir, shallow)
	empty := t.TempDir()
	must(t, empty, "git", "init", "-q")
	bare := t.TempDir()
	must(t, bare, "git", "init", "-q", "--bare")
	outside := t.TempDir()
	put(t, outside, map[string]string{"go.mod": goMod})
	for _, tt := range []struct{ dir, revision, want string }{
		{dir, "mian", "no revision mian: did you mean main?"},
		{dir, "origin/main", "no revision origin/main: did you mean main?"},
		{dir, "v1:go.mod", "no revision v1:go.mod"},
		{dir, "--help", "no revision --help"},
		{dir, "completely-different", "`git fetch` gets what is only on the server"},
		{shallow, "HEAD~1", "git fetch --unshallow"},
		{empty, "HEAD", "no revision HEAD: nothing is committed in this repository yet"},
		{outside, "HEAD", outside + " is in no git repository"},
		{bare, "HEAD", "cannot use the git repository of " + bare},
	} {
		o.Dir, o.Base = tt.dir, Source{Revision: tt.revision}
		_, err := Run(t.Context(), o, Hooks{})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("revision %s in %s: %v, want %q", tt.revision, tt.dir, err, tt.want)
		}
		if _, ok := errors.AsType[*RevisionError](err); strings.Contains(tt.want, "revision") && !strings.Contains(tt.want, "git repository") && !ok {
			t.Errorf("revision %s: %T, want a RevisionError", tt.revision, err)
		}
	}
	t.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
	o.Dir, o.Base = dir, Source{Revision: "v1"}
	want := "belongs to another user, which git does not trust: if you do, say so by `git config --global --add safe.directory " + dir
	if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("in somebody else's repository: %v, want %q", err, want)
	}
	if err := os.Unsetenv("GIT_TEST_ASSUME_DIFFERENT_OWNER"); err != nil {
		t.Fatal(err)
	}
	nothingLeft(t, dir, o.Cache)
}

func TestWhatGitSaysFirstIsNotAlwaysWhatIsWrong(t *testing.T) {
	for stderr, want := range map[string]string{
		"Preparing worktree (detached HEAD 1a2b3c4)\nfatal: could not create the folder": "could not create the folder",
		"fatal: one\nfatal: two":                "one",
		"go: no such module\n\tand more":        "no such module",
		"error: it did not\nhint: do this then": "error: it did not",
		"":                                      "exit",
	} {
		if got := (&commandError{errors.New("exit"), stderr}).Error(); got != want {
			t.Errorf("of %q it says %q, want %q", stderr, got, want)
		}
	}
}

func TestModuleThatIsNotThere(t *testing.T) {
	long(t)
	o := options(t)
	dir := t.TempDir()
	put(t, dir, map[string]string{"x/README": "x"})
	must(t, dir, "git", "init", "-q", "-b", "main")
	commitAll(t, dir, "v1")
	put(t, dir, map[string]string{"new/go.mod": goMod})
	o.Dir, o.Base, o.Head = filepath.Join(dir, "x"), Source{Revision: "v1"}, Source{}
	if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), "no go.mod in ") {
		t.Errorf("Run without a module = %v", err)
	}
	must(t, dir, "git", "add", "new")
	if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), "run gvp in the folder of a module, which below "+dir+" are new") {
		t.Errorf("Run beside a module = %v", err)
	}
	o.Dir = filepath.Join(dir, "new")
	if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), "revision v1 has no folder new") {
		t.Errorf("Run in a new folder = %v", err)
	}
	nothingLeft(t, dir, o.Cache)
}

func TestWithoutGit(t *testing.T) {
	long(t)
	o := options(t)
	goDir := filepath.Dir(must(t, ".", "go", "env", "GOROOT") + "/bin/go")
	t.Setenv("PATH", goDir)
	if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), "git is not in PATH") {
		t.Errorf("Run = %v", err)
	}
	// What needs no revisions needs no git.
	o.Base, o.Head, o.Packages, o.Rounds = Source{}, Source{}, []string{"./codec"}, 1
	if r, err := Run(t.Context(), o, Hooks{}); err != nil || r.Check.Head.Revision != "" || !r.Check.Finished {
		t.Errorf("Run of the working tree = %+v, %v", r, err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), "go command is not in PATH") {
		t.Errorf("Run without go = %v", err)
	}
}

func TestSubmodulesAndVendoredModulesAreThere(t *testing.T) {
	long(t)
	o := options(t)
	lib := t.TempDir()
	put(t, lib, map[string]string{"data": "x"})
	must(t, lib, "git", "init", "-q", "-b", "main")
	commitAll(t, lib, "v1")
	dir := t.TempDir()
	put(t, dir, map[string]string{
		"go.mod":                        goMod + "\nrequire example.com/dep v1.0.0\n",
		"vendor/modules.txt":            "# example.com/dep v1.0.0\n## explicit; go 1.24\nexample.com/dep\n",
		"vendor/example.com/dep/dep.go": "package dep\n\nconst N = 1\n",
		"m_test.go": "package m\n\nimport (\n\t\"os\"\n\t\"testing\"\n\n\t\"example.com/dep\"\n)\n\nfunc BenchmarkA(b *testing.B) {\n" +
			"\tif _, err := os.ReadFile(\"lib/data\"); err != nil {\n\t\tb.Fatal(err, dep.N)\n\t}\n\tfor range b.N {\n\t}\n}\n",
	})
	must(t, dir, "git", "init", "-q", "-b", "main")
	must(t, dir, "git", "submodule", "--quiet", "add", lib, "lib")
	commitAll(t, dir, "v1")
	o.Dir, o.Base, o.Head, o.Rounds = dir, Source{Revision: "HEAD"}, Source{}, 1
	// As in a hook, which has git look at a repository whatever the folder.
	t.Setenv("GIT_DIR", filepath.Join(lib, ".git"))
	t.Setenv("GIT_INDEX_FILE", filepath.Join(lib, ".git", "index"))
	r, err := Run(t.Context(), o, Hooks{})
	if err != nil || len(failuresOf(r.Samples)) != 0 || len(r.Check.Benchmarks) != 1 || r.Check.Head.Modified {
		t.Fatalf("Run = %+v, %v", r, err)
	}
	// What is vendored is part of what is built.
	put(t, dir, map[string]string{"vendor/example.com/dep/dep.go": "package dep\n\nconst N = 2\n"})
	if r, err = Run(t.Context(), o, Hooks{}); err != nil || r.Check.Head.Builds[0].Cached || !r.Check.Base.Builds[0].Cached || !r.Check.Head.Modified {
		t.Errorf("Run after a change = %+v, %v, want another head", r, err)
	}
	if err := errors.Join(os.Unsetenv("GIT_DIR"), os.Unsetenv("GIT_INDEX_FILE")); err != nil {
		t.Fatal(err)
	}
	nothingLeft(t, dir, o.Cache)
}

func TestLeftoversOfKilledRunsAreRemovedAndLiveOnesAreNot(t *testing.T) {
	long(t)
	o := options(t)
	ctx := t.Context()
	repo, err := openRepository(ctx, o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	var trees []*worktree
	for range 4 {
		w, err := addWorktree(ctx, repo, cache, "v1")
		if err != nil {
			t.Fatal(err)
		}
		trees = append(trees, w)
	}
	live, killed, emptied, moved := trees[0], trees[1], trees[2], trees[3]
	// The end of a process, however it ends, gives up its locks.
	if err := errors.Join(killed.lock.Close(), emptied.lock.Close(), moved.lock.Close()); err != nil {
		t.Fatal(err)
	}
	readOnly := filepath.Join(killed.path, "read-only")
	if err := errors.Join(os.Mkdir(readOnly, 0o777), os.WriteFile(filepath.Join(readOnly, "x"), nil, 0o444), os.Chmod(readOnly, 0o555)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.RemoveAll(emptied.path), os.Remove(emptied.lock.Name()), os.RemoveAll(moved.path)); err != nil {
		t.Fatal(err)
	}
	// The user's own, which is not there just now, is not ours to forget.
	away := filepath.Join(t.TempDir(), "away")
	must(t, o.Dir, "git", "worktree", "add", "--detach", away, "v1")
	if err := os.Rename(away, away+"-for-now"); err != nil {
		t.Fatal(err)
	}
	if n, err := cleanWorktrees(ctx, cache, repo); n != 3 || err != nil {
		t.Errorf("cleanWorktrees = %d, %v, want 3", n, err)
	}
	list := must(t, o.Dir, "git", "worktree", "list")
	if strings.Count(list, "\n") != 2 || !strings.Contains(list, live.path) || !strings.Contains(list, away) {
		t.Errorf("worktrees are left:\n%s\nwant the live one and the user's", list)
	}
	if !exists(filepath.Join(live.path, "go.mod")) {
		t.Error("the live worktree has gone")
	}
	if err := live.remove(); err != nil {
		t.Error(err)
	}
	if n, err := cleanWorktrees(ctx, cache, repo); n != 0 || err != nil {
		t.Errorf("cleanWorktrees = %d, %v, want none", n, err)
	}
	// Of a repository that has gone meanwhile.
	gone := filepath.Join(t.TempDir(), "clone")
	must(t, o.Dir, "git", "clone", "-q", o.Dir, gone)
	other, err := openRepository(ctx, gone)
	if err != nil {
		t.Fatal(err)
	}
	w, err := addWorktree(ctx, other, cache, "v1")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.lock.Close(), os.RemoveAll(gone)); err != nil {
		t.Fatal(err)
	}
	if n, err := cleanWorktrees(ctx, cache, repo); n != 1 || err != nil {
		t.Errorf("cleanWorktrees = %d, %v, want that of the repository that has gone", n, err)
	}
	must(t, o.Dir, "git", "worktree", "prune")
	nothingLeft(t, o.Dir, cache)
	if err := os.RemoveAll(away + "-for-now"); err != nil {
		t.Error(err)
	}
}

func TestBothSidesMayBeTheSame(t *testing.T) {
	long(t)
	o := options(t)
	o.Head, o.Packages, o.Rounds = o.Base, []string{"./codec"}, 1
	r, err := Run(t.Context(), o, Hooks{})
	if err != nil || r.Check.Base.Revision != r.Check.Head.Revision || !r.Check.Finished {
		t.Errorf("Run = %+v, %v", r, err)
	}
	if series, _ := checks.Pairs(r.Samples); len(series) < 2 {
		t.Errorf("series = %v", series)
	}
}
