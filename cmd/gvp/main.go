// Gvp measures the same work in goroutines and in processes, and reports on it.
//
// It is the tool: flags, exit statuses and talk. Measuring is campaign's,
// statistics are report's. Results go to standard output, talk goes to standard
// error. The exit status is 0 if all went well, 1 if something failed, 2 if the
// command line asks for something that there is not.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(command()) }

// command is main, but returns the exit status.
func command() int {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup
		signals = append(signals, syscall.SIGHUP) // the terminal was closed
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	// The first signal lets the run end in good order. From then on they have
	// their usual effect, so that a second one ends the tool at once.
	context.AfterFunc(ctx, stop)
	return run(ctx, os.Stdin, os.Stdout, os.Stderr, os.Args[1:])
}
