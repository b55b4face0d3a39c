package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCommands are what the scripts have beside gvp and testscript's own.
func scriptCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"exits":   exitsCommand,
		"oneline": oneLineCommand,
		"sparse":  sparseCommand,
		"runenv":  runEnvCommand,
		"cut":     cutCommand,
		"folders": foldersCommand,
	}
}

// exits STATUS PROGRAM ARGS runs a program as exec does, and checks its status,
// which may be one of several: 1,3.
func exitsCommand(ts *testscript.TestScript, _ bool, args []string) {
	got := 0
	err := ts.Exec(args[1], args[2:]...)
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if !slices.Contains(strings.Split(args[0], ","), strconv.Itoa(got)) {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

// oneline FILE checks that a message is one line, with no stack trace in it.
func oneLineCommand(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") || strings.Contains(text, "goroutine ") && strings.Contains(text, "[running]") {
		ts.Fatalf("%s is not one clear line:\n%s", args[0], text)
	}
}

// sparse FILE BYTES makes the file that long, without taking that much room.
func sparseCommand(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_CREATE|os.O_WRONLY, 0o666)
	ts.Check(err)
	ts.Check(f.Truncate(size))
	ts.Check(f.Close())
}

// runenv NAME FOLDER sets the variable to the only run in the folder.
func runEnvCommand(ts *testscript.TestScript, _ bool, args []string) {
	runs, err := filepath.Glob(filepath.Join(ts.MkAbs(args[1]), "*", "run.json"))
	ts.Check(err)
	if len(runs) != 1 {
		ts.Fatalf("%d runs in %s, want 1: %v", len(runs), args[1], runs)
	}
	ts.Setenv(args[0], filepath.Dir(runs[0]))
}

// cut FILE BYTES takes that many bytes off the end of the file.
func cutCommand(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	info, err := os.Stat(name)
	ts.Check(err)
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(name, info.Size()-n))
}

// folders N DIR checks how many runs there are in the folder.
func foldersCommand(ts *testscript.TestScript, _ bool, args []string) {
	runs, err := filepath.Glob(filepath.Join(ts.MkAbs(args[1]), "*", "run.json"))
	ts.Check(err)
	if strconv.Itoa(len(runs)) != args[0] {
		ts.Fatalf("%d runs in %s, want %s: %v", len(runs), args[1], args[0], runs)
	}
}
