package multiproc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// enterInto writes down in a folder that a task runs. Each process has a file of
// its own there: not every system keeps apart what several append to one.
func enterInto(ledger string, task int) error {
	f, err := os.OpenFile(filepath.Join(ledger, strconv.Itoa(os.Getpid())), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, task)
	return errors.Join(err, f.Close())
}

// readLedger returns how often each task has run.
func readLedger(t *testing.T, ledger string) map[int]int {
	t.Helper()
	files, err := os.ReadDir(ledger)
	if err != nil {
		t.Fatal(err)
	}
	runs := map[int]int{}
	for _, file := range files {
		b, err := os.ReadFile(filepath.Join(ledger, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for text := range strings.Lines(string(b)) {
			id, err := strconv.Atoi(strings.TrimSpace(text))
			if err != nil {
				t.Fatal(err)
			}
			runs[id]++
		}
	}
	return runs
}
