package workloads

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// entries returns the names of what is in a folder.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	es, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range es {
		names = append(names, e.Name())
	}
	return names
}

func wantEntries(t *testing.T, dir string, n int) {
	t.Helper()
	if got := entries(t, dir); len(got) != n {
		t.Errorf("%d entries in the folder, want %d: %v", len(got), n, got)
	}
}

func cleanup(t *testing.T, dir string) {
	t.Helper()
	job, err := newJob(File, map[string]string{"dir": dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := job.Cleanup(); err != nil {
		t.Error(err)
	}
}

func TestFileWorkersLeaveNothingBehind(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		w, err := newWorker(File, map[string]string{"dir": dir, "size": "10000B", "sync": "true"})
		if err != nil {
			t.Fatal(err)
		}
		wantEntries(t, dir, 1)
		for i := range uint64(3) {
			mustUnit(t, w, i)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		wantEntries(t, dir, 0)
	}
}

func TestFileWorksInTheSystemsTempFolder(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // Unix
	t.Setenv("TMP", dir)    // Windows
	mustUnit(t, mustWorker(t, File, 0, nil), 1)
	wantEntries(t, dir, 1)
}

func TestKilledFileWorkerIsSweptAway(t *testing.T) {
	dir := t.TempDir()
	killInUnit(t, dir)
	cleanup(t, dir)
	wantEntries(t, dir, 0)
}

// Setting a worker up is on the clock in the mode that starts a process for
// each unit, so it must not look at what else the folder holds.
func TestASetUpWorkerLeavesOthersAlone(t *testing.T) {
	dir := t.TempDir()
	killInUnit(t, dir)
	mustWorker(t, File, 0, map[string]string{"dir": dir})
	wantEntries(t, dir, 2)
}

// killInUnit leaves in dir what a process leaves that is killed in the middle
// of a unit: a folder with a file.
func killInUnit(t *testing.T, dir string) {
	t.Helper()
	const tries = 50
	for range tries {
		cmd, _ := startChild(t, dir)
		file := filepath.Join(dir, entries(t, dir)[0], unitFile)
		for {
			if info, err := os.Stat(file); err == nil && info.Size() > 0 {
				break
			}
		}
		kill(cmd)
		if _, err := os.Stat(file); err == nil {
			return
		}
		cleanup(t, dir) // killed between two units: once more
	}
	t.Fatalf("%d children were killed, none in a unit", tries)
}

func TestLiveFileWorkersAreNeverSweptAway(t *testing.T) {
	dir := t.TempDir()
	_, lines := startChild(t, dir)
	here := mustWorker(t, File, 0, map[string]string{"dir": dir})
	wantEntries(t, dir, 2)
	for i := range uint64(5) {
		cleanup(t, dir)
		mustUnit(t, here, i)
		nextLine(t, lines)
	}
	wantEntries(t, dir, 2)
}

// Sweeps that come between any two steps of making a folder, or of removing
// one, must harm no worker and overlook no folder.
func TestWorkersComeAndGoWhileOthersSweep(t *testing.T) {
	dir := t.TempDir()
	var workers, sweepers sync.WaitGroup
	var done atomic.Bool
	for range 3 {
		sweepers.Go(func() {
			for !done.Load() {
				if err := sweep(dir); err != nil {
					t.Error(err)
				}
			}
		})
		workers.Go(func() {
			for i := range uint64(100) {
				if err := comeAndGo(dir, i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	workers.Wait()
	done.Store(true)
	sweepers.Wait()
	wantEntries(t, dir, 0)
}

func comeAndGo(dir string, i uint64) error {
	w, err := newWorker(File, map[string]string{"dir": dir, "size": "1B"})
	if err != nil {
		return err
	}
	_, err = w.Unit(i)
	return errors.Join(err, w.Close())
}

func TestSweepTouchesNothingOfOthers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"gvp-file-", "gvp-file-mine", "gvp-file-12x", "other"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "gvp-file-123"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	before := entries(t, dir)
	cleanup(t, dir)
	wantEntries(t, dir, len(before))
}

// A folder of the right name that holds more than a worker puts there is kept,
// with what it holds, and said to be there.
func TestSweepKeepsWhatNoWorkerMade(t *testing.T) {
	dir := t.TempDir()
	thesis := filepath.Join(dir, "gvp-file-42", "thesis.tex")
	if err := os.Mkdir(filepath.Dir(thesis), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(thesis, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := sweep(dir); err == nil || !strings.Contains(err.Error(), "gvp-file-42") {
		t.Errorf("error %v does not name the folder", err)
	}
	if _, err := os.Stat(thesis); err != nil {
		t.Error(err)
	}
}

func TestFileSaysWhichFolderIsUnusable(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{file, filepath.Join(dir, "missing"), filepath.Join(file, "below")} {
		_, err := newWorker(File, map[string]string{"dir": bad})
		wantElsewhere(t, err, bad)
	}
}

// wantElsewhere wants one line that names the folder and the way out.
func wantElsewhere(t *testing.T, err error, dir string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error about folder %s", dir)
	}
	text := err.Error()
	if !strings.Contains(text, dir) || !strings.Contains(text, "--param dir=") || strings.Contains(text, "\n") {
		t.Errorf("error does not say what to do about %s in a line: %s", dir, text)
	}
}

func TestFileSaysThatItsFolderHasVanished(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "work")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w, err := newWorker(File, map[string]string{"dir": dir})
	if err != nil {
		t.Fatal(err)
	}
	mustUnit(t, w, 0)
	vanish(t, dir)
	_, err = w.Unit(1)
	wantElsewhere(t, err, dir)
	if err := w.Close(); err != nil {
		t.Errorf("nothing is left to remove, and yet: %v", err)
	}
	cleanup(t, dir)
}

// vanish removes dir, or renames it where the system keeps a folder in use.
func vanish(t *testing.T, dir string) {
	t.Helper()
	if os.RemoveAll(dir) == nil {
		return
	}
	t.Skip("the system does not let a folder vanish that is in use")
}

func TestEveryPageOfAFileDependsOnTheUnit(t *testing.T) {
	dir := t.TempDir()
	w := mustWorker(t, File, 0, map[string]string{"dir": dir, "size": "20KiB"}).(*fileWorker)
	mustUnit(t, w, 1)
	one := bytes.Clone(w.read)
	mustUnit(t, w, 2)
	for at := 0; at < len(one); at += 4 << 10 {
		if bytes.Equal(one[at:at+4<<10], w.read[at:at+4<<10]) {
			t.Errorf("units 1 and 2 read the same page at %d", at)
		}
	}
}
