package results

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFoldersOfOneSecondHaveNamesOfTheirOwn(t *testing.T) {
	out := filepath.Join(t.TempDir(), "a", "b")
	began := time.Date(2026, 1, 2, 16, 4, 5, 0, time.FixedZone("east", 3600))
	for _, want := range []string{"20260102T150405Z", "20260102T150405Z-2", "20260102T150405Z-3"} {
		folder, err := NewFolder(out, "run", began)
		if err != nil || folder != filepath.Join(out, want) {
			t.Errorf("NewFolder = %s, %v, want %s", folder, err, want)
		}
		if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
			t.Errorf("in it: %v, %v, want nothing", entries, err)
		}
	}
}

func TestFolderThatCannotBeMadeIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := NewFolder(file, "check", time.Now())
	if err == nil || !strings.Contains(err.Error(), "the folder for checks: mkdir "+file) || !strings.Contains(err.Error(), "--out") {
		t.Errorf("NewFolder = %v", err)
	}
}
