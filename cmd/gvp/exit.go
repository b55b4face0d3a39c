package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // something that was measured, or that was needed for it, failed
	exitUsage  = 2 // the command line asks for something that there is not
)

// A usageError is a mistake in the command line.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// A statusError is the error of a command that ends with a status of its own. Its
// why is nil if the command has said itself what it found.
type statusError struct {
	status int
	why    error
}

func (e statusError) Error() string {
	if e.why == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.why.Error()
}

func (e statusError) Unwrap() error { return e.why }

// errReported is the error of a command that has said itself what went wrong.
var errReported = errors.New("failed")

// exit says what went wrong, in one line, and returns the exit status.
func (t *tool) exit(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errReported) {
		return exitFailed
	}
	own, ok := errors.AsType[statusError](err)
	if ok && own.why == nil {
		return own.status
	}
	_, usage := errors.AsType[usageError](err)
	switch {
	case interrupted(ctx, err):
		t.say("interrupted")
	case usage:
		t.say("%s", oneLine(err.Error()))
		return exitUsage
	default:
		t.say("%s", oneLine(err.Error()))
	}
	if ok {
		return own.status
	}
	return exitFailed
}

// interrupted reports whether the error is that of a signal.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx)))
}

// oneLine joins the lines of a message.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
