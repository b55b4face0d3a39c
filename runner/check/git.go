package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"

	"github.com/gvp-bench/gvp/runner/internal/family"
)

// command runs a program of the system's to its end and returns what it wrote to
// its standard output. It is no part of the terminal's process group: Ctrl-C is
// for us to answer, who may still have to clean up with it.
func command(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	var out, talk bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	cmd.Stdout, cmd.Stderr = &out, &talk
	cmd.WaitDelay = 5 * time.Second // for what a killed one may have left behind
	f := family.New(cmd)
	defer f.Close()
	cmd.Cancel = f.Kill
	// A git that outlives us would write into a worktree that the next gvp removes.
	// Where the kernel ends it when we die, it means this thread. It ends git and go
	// alone, not what they have started, a compiler or a checkout's helper, which
	// goes on to its own end.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dieWithUs(cmd)
	err := cmd.Start()
	if err == nil {
		if adopt := f.Adopt(); adopt != nil {
			return "", errors.Join(adopt, cmd.Process.Kill(), cmd.Wait())
		}
		err = cmd.Wait()
	}
	switch {
	case err == nil:
		return out.String(), nil
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	}
	return out.String(), &commandError{err: err, stderr: strings.TrimSpace(talk.String())}
}

// A commandError is why a program failed, with what it said.
type commandError struct {
	err    error
	stderr string
}

func (e *commandError) Unwrap() error { return e.err }

// Error returns one line: what git or go say first is what is wrong, but that git
// may say before what it is about to do.
func (e *commandError) Error() string {
	for line := range strings.Lines(e.stderr) {
		if why, ok := strings.CutPrefix(strings.TrimSpace(line), "fatal: "); ok {
			return why
		}
	}
	if line, _, _ := strings.Cut(e.stderr, "\n"); line != "" {
		return strings.TrimPrefix(line, "go: ")
	}
	return e.err.Error()
}

// localGit are the variables that tie git to one repository, whatever the folder
// that it runs in (git rev-parse --local-env-vars). A hook has them set.
var localGit = []string{
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE",
	"GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX",
	"GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
}

// withoutGit returns env without what ties git to a repository.
func withoutGit(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(localGit, name)
	})
}

// gitEnv is the environment of git: it speaks English and asks nobody anything.
func gitEnv() []string {
	return append(withoutGit(os.Environ()), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0",
		"SSH_ASKPASS_REQUIRE=force", "SSH_ASKPASS=false", "GIT_ASKPASS=false")
}

// git runs git in dir, without the hooks of the user: a worktree of ours is
// nothing that they should hear of.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	args = append([]string{"-c", "core.hooksPath=" + os.DevNull, "-c", "advice.detachedHead=false"}, args...)
	out, err := command(ctx, dir, gitEnv(), "git", args...)
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("git is not in PATH: install it, or compare two binaries that are already built")
	}
	return out, err
}

// A repository is the git repository around a folder.
type repository struct {
	top    string // of its working tree
	prefix string // of the folder, below top; empty or ending in a slash
}

func openRepository(ctx context.Context, dir string) (*repository, error) {
	out, err := git(ctx, dir, "rev-parse", "--show-toplevel", "--show-prefix")
	if err != nil {
		failed, _ := errors.AsType[*commandError](err)
		switch {
		case failed != nil && strings.Contains(failed.stderr, "not a git repository"):
			return nil, &NoRepositoryError{dir}
		case failed != nil && strings.Contains(failed.stderr, "dubious ownership"):
			return nil, fmt.Errorf("the git repository of %s belongs to another user, which git does not trust: if you do, say so by `git config --global --add safe.directory %s`", dir, dir)
		}
		return nil, fmt.Errorf("cannot use the git repository of %s: %w", dir, err)
	}
	top, prefix, _ := strings.Cut(strings.TrimSuffix(out, "\n"), "\n")
	return &repository{top, prefix}, nil
}

// A NoRepositoryError says that a folder is in no git repository.
type NoRepositoryError struct{ Dir string }

func (e *NoRepositoryError) Error() string {
	return fmt.Sprintf("%s is in no git repository, so it has no revisions: compare two binaries or two result files", e.Dir)
}

// A RevisionError says that a revision is not in the repository.
type RevisionError struct {
	Revision string
	Shallow  bool   // the repository has only a part of the history
	Empty    bool   // nothing is committed yet
	Nearest  string // a branch or tag of about that name, if there is one
}

func (e *RevisionError) Error() string {
	switch {
	case e.Empty:
		return fmt.Sprintf("no revision %s: nothing is committed in this repository yet", e.Revision)
	case e.Shallow && e.Nearest == "":
		return fmt.Sprintf("revision %s is not in this shallow clone: get it by `git fetch --unshallow`, or that one alone by `git fetch --depth=1 origin <branch, tag or full hash>`", e.Revision)
	case e.Shallow:
		return fmt.Sprintf("revision %s is not in this shallow clone (get it by `git fetch --unshallow`): did you mean %s?", e.Revision, e.Nearest)
	case e.Nearest != "":
		return fmt.Sprintf("no revision %s: did you mean %s?", e.Revision, e.Nearest)
	}
	return fmt.Sprintf("no revision %s in this repository: `git fetch` gets what is only on the server", e.Revision)
}

// A commit is a revision in full.
type commit struct{ hash, subject string }

// resolve finds the commit that a revision means.
func (r *repository) resolve(ctx context.Context, revision string) (commit, error) {
	// No revision begins with a dash, but git would take it for a flag.
	if revision != "" && !strings.HasPrefix(revision, "-") {
		hash, err := git(ctx, r.top, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
		if err == nil {
			c := commit{hash: strings.TrimSpace(hash)}
			subject, err := git(ctx, r.top, "log", "-1", "--format=%s", c.hash)
			if err != nil {
				return commit{}, fmt.Errorf("cannot read revision %s: %w", revision, err)
			}
			c.subject = strings.TrimSpace(subject)
			return c, nil
		}
		if ctx.Err() != nil {
			return commit{}, err
		}
	}
	missing := &RevisionError{Revision: revision, Nearest: r.nearest(ctx, revision)}
	shallow, err := git(ctx, r.top, "rev-parse", "--is-shallow-repository")
	missing.Shallow = err == nil && strings.TrimSpace(shallow) == "true"
	refs, err := git(ctx, r.top, "for-each-ref", "--count=1")
	missing.Empty = err == nil && refs == ""
	return commit{}, missing
}

// nearest returns the branch or tag whose name is most like that of no revision.
func (r *repository) nearest(ctx context.Context, name string) string {
	out, err := git(ctx, r.top, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
	if err != nil {
		return ""
	}
	best, least := "", len(name)/2+1 // as far off as a slip may be
	for ref := range strings.Lines(out) {
		ref = strings.TrimSpace(ref)
		d := levenshtein.ComputeDistance(name, ref)
		// main for origin/main, and the other way round.
		if _, short, ok := strings.Cut(ref, "/"); ok && short == name || strings.HasSuffix(name, "/"+ref) {
			d = 0
		}
		if d < least {
			best, least = ref, d
		}
	}
	return best
}

// modified reports whether the working tree differs from its revision.
func (r *repository) modified(ctx context.Context) (bool, error) {
	out, err := git(ctx, r.top, "status", "--porcelain")
	if err != nil {
		return false, fmt.Errorf("cannot tell whether the working tree has changes: %w", err)
	}
	return strings.TrimSpace(out) != "", nil
}

// modules returns the folders below the top that have a go.mod, a few at most.
func (r *repository) modules(ctx context.Context) []string {
	out, err := git(ctx, r.top, "ls-files", "--", "go.mod", "*/go.mod")
	if err != nil {
		return nil
	}
	const most = 3
	var dirs []string
	for file := range strings.Lines(out) {
		if dirs = append(dirs, path.Dir(strings.TrimSpace(file))); len(dirs) == most {
			break
		}
	}
	return dirs
}

// tracks reports whether the file is one that the repository has.
func (r *repository) tracks(ctx context.Context, file string) bool {
	_, err := git(ctx, r.top, "ls-files", "--error-unmatch", "--", file)
	return err == nil
}
