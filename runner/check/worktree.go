package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/runner/internal/filelock"
)

// A worktree of ours lies in the folder treesDir of the cache, under a name that
// begins with treePrefix. Beside it, under its name with lockExt, is a file that
// is locked as long as the worktree is in use, and that says what it is: by
// that a later gvp knows the leftovers of one that was killed.
const (
	treesDir   = "trees"
	treePrefix = "gvp-"
	lockExt    = ".lock"
	lockMagic  = "a worktree of gvp check of the git repository\n" // then its top
)

// A worktree is a revision checked out.
type worktree struct {
	repo *repository
	path string
	lock *os.File
}

// removeTimeout is how long the removal of a worktree may take, also after
// everything else was cut short.
const removeTimeout = time.Minute

// addWorktree checks a commit out below the folder cache.
func addWorktree(ctx context.Context, repo *repository, cache, hash string) (*worktree, error) {
	w, err := claimWorktree(repo, filepath.Join(cache, treesDir))
	if err != nil {
		return nil, err
	}
	_, err = git(ctx, repo.top, "worktree", "add", "--detach", "--force", "--no-checkout", w.path, hash)
	if err == nil {
		// By itself, git has a process of its own do this, which outlives it if it
		// is killed.
		_, err = git(ctx, w.path, "reset", "--hard", "--quiet", "--no-recurse-submodules")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot check out %s: %w", hash, err), w.remove())
	}
	if _, err := os.Stat(filepath.Join(w.path, ".gitmodules")); err == nil {
		if _, err := git(ctx, w.path, "submodule", "update", "--init", "--recursive"); err != nil {
			return nil, errors.Join(fmt.Errorf("cannot get the submodules of %s: %w", hash, err), w.remove())
		}
	}
	return w, nil
}

// claimWorktree finds a free name below dir and takes it.
func claimWorktree(repo *repository, dir string) (*worktree, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("no place for a worktree: %w", err)
	}
	for {
		lock, err := os.CreateTemp(dir, treePrefix+"*"+lockExt)
		if err != nil {
			return nil, fmt.Errorf("no place for a worktree: %w", err)
		}
		// Who cleans up may have taken it for a leftover in this very moment.
		if filelock.Lock(lock) != nil || !present(lock) {
			_ = lock.Close() // nothing was written
			continue
		}
		if _, err := lock.WriteString(lockMagic + repo.top + "\n"); err != nil {
			return nil, errors.Join(fmt.Errorf("no place for a worktree: %w", err), os.Remove(lock.Name()), lock.Close())
		}
		return &worktree{repo: repo, path: strings.TrimSuffix(lock.Name(), lockExt), lock: lock}, nil
	}
}

// present reports whether an open file still has its name.
func present(f *os.File) bool {
	opened, err1 := f.Stat()
	named, err2 := os.Stat(f.Name())
	return err1 == nil && err2 == nil && os.SameFile(opened, named)
}

// remove removes the worktree from the disk and from the repository.
func (w *worktree) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), removeTimeout)
	defer cancel()
	err := removeTree(ctx, w.repo.top, w.path)
	// The lock goes last and, where a file in use cannot be removed, unlocked.
	if os.Remove(w.lock.Name()) != nil {
		_ = w.lock.Close() // only its lock matters
		return errors.Join(err, os.Remove(w.lock.Name()))
	}
	return errors.Join(err, w.lock.Close())
}

// removeTree removes the worktree at path of the repository at top. Not by git
// worktree prune: that would also forget worktrees of the user's that are not
// there just now, as on a disk that is not mounted.
func removeTree(ctx context.Context, top, path string) error {
	// Twice: also one that git holds to be in the making.
	_, err := git(ctx, top, "worktree", "remove", "--force", "--force", path)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("cannot remove the worktree %s: %w", path, err)
	}
	if err := removeAll(path); err != nil {
		return fmt.Errorf("cannot remove the worktree %s: %w", path, err)
	}
	if _, err := os.Stat(top); errors.Is(err, fs.ErrNotExist) {
		return nil // and the repository is gone, too
	}
	if !listed(ctx, top, path) {
		return nil
	}
	if _, err := git(ctx, top, "worktree", "remove", "--force", "--force", path); err != nil {
		return fmt.Errorf("cannot remove the worktree %s from the list of its repository: %w", path, err)
	}
	return nil
}

// removeAll removes a folder, also where benchmarks have left folders in it
// that cannot be written.
func removeAll(path string) error {
	err := os.RemoveAll(path)
	if err == nil {
		return nil
	}
	_ = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(name, 0o700) // the removal shows whether it helped
		}
		return nil
	})
	return os.RemoveAll(path)
}

// worktrees returns the paths of all worktrees of the repository at top.
func worktrees(ctx context.Context, top string) ([]string, error) {
	out, err := git(ctx, top, "worktree", "list", "--porcelain")
	if err != nil {
		return nil, err
	}
	var paths []string
	for line := range strings.Lines(out) {
		if path, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "worktree "); ok {
			paths = append(paths, filepath.FromSlash(path))
		}
	}
	return paths, nil
}

// listed reports whether the repository knows of a worktree at path.
func listed(ctx context.Context, top, path string) bool {
	paths, err := worktrees(ctx, top)
	return err == nil && slices.ContainsFunc(paths, func(p string) bool {
		return filepath.Base(p) == filepath.Base(path) // the folder above may be a link
	})
}

// cleanWorktrees removes what killed processes have left in the cache, of
// whatever repository, and what repo, if there is one, knows of worktrees that
// went with an emptied cache. It returns how many there were.
func cleanWorktrees(ctx context.Context, cache string, repo *repository) (int, error) {
	dir := filepath.Join(cache, treesDir)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("cannot clean up: %w", err)
	}
	removed := 0
	var errs []error
	clean := func(lock string) {
		ok, err := cleanWorktree(ctx, lock)
		if ok {
			removed++
		}
		errs = append(errs, err)
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, treePrefix) && strings.HasSuffix(name, lockExt) {
			clean(filepath.Join(dir, name))
		}
	}
	if repo == nil {
		return removed, errors.Join(errs...)
	}
	paths, err := worktrees(ctx, repo.top)
	errs = append(errs, err)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	for _, path := range paths {
		parent := filepath.Dir(path)
		// In a temporary folder they are where the cache cannot be written.
		ours := parent == dir || filepath.Base(parent) == treesDir && strings.HasPrefix(filepath.Base(filepath.Dir(parent)), TempPrefix)
		switch {
		case !ours || !strings.HasPrefix(filepath.Base(path), treePrefix):
		case exists(path + lockExt):
			if parent != dir {
				clean(path + lockExt)
			}
		case !exists(path):
			removed++
			errs = append(errs, removeTree(ctx, repo.top, path))
		}
	}
	return removed, errors.Join(errs...)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// cleanWorktree removes the worktree of a lock file, unless it is in use.
func cleanWorktree(ctx context.Context, name string) (removed bool, err error) {
	lock, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot clean up: %w", err)
	}
	defer lock.Close() // only its lock matters
	if filelock.Lock(lock) != nil || !present(lock) {
		return false, nil // it is in use, or somebody else is cleaning up
	}
	data, err := io.ReadAll(lock) // where locks are mandatory, only who has it may read
	if err != nil {
		return false, fmt.Errorf("cannot clean up: %w", err)
	}
	text, ok := bytes.CutPrefix(data, []byte(lockMagic))
	if top := strings.TrimSpace(string(text)); ok && top != "" {
		err = removeTree(ctx, top, strings.TrimSuffix(name, lockExt))
		removed = true
	} // else it was killed before it had made anything
	if err != nil {
		return false, err
	}
	if os.Remove(name) != nil { // where a file in use cannot be removed
		_ = lock.Close() // only its lock matters
		return removed, os.Remove(name)
	}
	return removed, nil
}
