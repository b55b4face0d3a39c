package multiproc

import "os"

// identity is what a process knows of itself.
type identity struct {
	name   string
	daemon bool
	parent *Parent
}

// current is written by Main in a child, before its function runs.
var current = identity{name: "main"}

// A Self is the process that asks.
type Self struct{ identity }

// CurrentProcess returns the process that this is.
func CurrentProcess() Self { return Self{current} }

// Name returns the process's name; "main" in one that is no child.
func (s Self) Name() string { return s.name }

// PID returns the process's id.
func (s Self) PID() int { return os.Getpid() }

// Daemon tells whether the process was started as a daemon.
func (s Self) Daemon() bool { return s.daemon }

// A Parent is the process that started this one. It is alive as long as anybody
// can ask: with its end, this process ends as well.
type Parent struct {
	name string
	pid  int
}

// ParentProcess returns the process that started this one; nil in one that is
// no child.
func ParentProcess() *Parent { return current.parent }

// Name returns the parent's name.
func (p *Parent) Name() string { return p.name }

// PID returns the parent's process id.
func (p *Parent) PID() int { return p.pid }
