package profile

import (
	"slices"
	"strings"
)

// A Kind is what a CPU was doing.
type Kind string

// The kinds of work, in the order in which they are shown.
const (
	User    Kind = "user code"
	Runtime Kind = "runtime"
	GC      Kind = "garbage collection"
	Sched   Kind = "scheduling"
	Syscall Kind = "system calls"
	Unknown Kind = "unknown" // stacks without a name, as of stripped C code
)

// Kinds returns all kinds in the order in which they are shown.
func Kinds() []Kind { return []Kind{User, Runtime, GC, Sched, Syscall, Unknown} }

// Classify returns the kind of a stack of Go function names, the running
// function first. The first rule that applies decides:
//
//  1. Garbage collection: anywhere in the stack stands an entry to the collector:
//     a marking or sweeping worker, an assist, a write barrier's flush, sweeping
//     on behalf of an allocation.
//  2. Scheduling: anywhere in the stack stands an entry to the scheduler: looking
//     for a goroutine to run, parking and waking goroutines and threads, waiting
//     for the network, starting goroutines, preemption.
//  3. Runtime: the profile's own writing, wherever it stands in the stack.
//  4. System calls: the running function is in package syscall or is one of the
//     runtime's raw calls into the kernel, or the runtime is getting into or out
//     of a system call. What the kernel does on its own account, such as serving
//     a page fault, shows as the function that was interrupted.
//  5. Runtime: the running function is in the runtime or its internal packages:
//     allocating, copying and clearing memory, maps, channels, growing stacks.
//  6. User code: everything else. The standard library is user code: in a
//     workload that hashes, crypto/sha256 is the work.
//
// Frames without a name are passed over when the running function is looked for.
func Classify(stack []string) Kind {
	leaf := ""
	for _, f := range stack {
		if leaf = f; f != "" {
			break
		}
	}
	if leaf == "" || leaf == "runtime._ExternalCode" {
		return Unknown
	}
	if slices.ContainsFunc(stack, isGC) {
		return GC
	}
	if slices.ContainsFunc(stack, isSched) {
		return Sched
	}
	switch {
	case slices.ContainsFunc(stack, isProfiling):
		return Runtime
	case isSyscall(leaf):
		return Syscall
	case inRuntime(leaf):
		return Runtime
	}
	return User
}

// isGC reports whether f is an entry to the collector. What it calls needs no
// mention: the entry is further up its stack.
func isGC(f string) bool {
	switch f {
	case "runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.gcStart", "runtime.gcMarkDone",
		"runtime.gcDrain", "runtime.gcDrainN", "runtime.GC", "runtime._GC",
		"runtime.bgsweep", "runtime.bgscavenge", "runtime.deductSweepCredit",
		"runtime.(*sweepLocked).sweep", "runtime.(*mheap).reclaim",
		"runtime.wbBufFlush", "runtime.bulkBarrierPreWrite":
		return true
	}
	return strings.HasPrefix(f, "runtime.gcWriteBarrier") // one for each size of buffer
}

// isSched reports whether f is an entry to the scheduler.
func isSched(f string) bool {
	switch f {
	case "runtime.mcall", "runtime.schedule", "runtime.findRunnable", "runtime.execute",
		"runtime.park_m", "runtime.gopark", "runtime.goready", "runtime.ready",
		"runtime.Gosched", "runtime.goschedImpl", "runtime.gopreempt_m", "runtime.goyield",
		"runtime.asyncPreempt", "runtime.asyncPreempt2",
		"runtime.startm", "runtime.stopm", "runtime.newm", "runtime.wakep", "runtime.handoffp", "runtime.injectglist",
		"runtime.mstart", "runtime.mstart1", "runtime.sysmon", "runtime.retake",
		"runtime.newproc", "runtime.goexit0", "runtime.goexit1",
		"runtime.notesleep", "runtime.notetsleep", "runtime.notetsleepg", "runtime.notewakeup",
		"runtime.semasleep", "runtime.semawakeup",
		"runtime.futexsleep", "runtime.futexwakeup", "runtime.futex",
		"runtime.netpoll", "runtime.netpollBreak",
		"runtime.usleep", "runtime.osyield", "runtime.procyield":
		return true
	}
	return false
}

// isProfiling reports whether f is part of taking the profile. pprof.Do and
// its like are not: they call the program's own functions.
func isProfiling(f string) bool {
	switch f {
	case "runtime/pprof.profileWriter", "runtime/pprof.StartCPUProfile", "runtime/pprof.StopCPUProfile":
		return true
	}
	return false
}

// isSyscall reports whether f, running, makes a system call.
func isSyscall(f string) bool {
	switch packageOf(f) {
	case "syscall", "golang.org/x/sys/unix", "golang.org/x/sys/windows",
		"internal/runtime/syscall/linux", "internal/runtime/syscall/windows":
		return true
	case "runtime":
	default:
		return false
	}
	switch f {
	case "runtime.entersyscall", "runtime.reentersyscall", "runtime.exitsyscall", "runtime.exitsyscallNoP",
		"runtime.mmap", "runtime.sysMmap", "runtime.munmap", "runtime.madvise",
		"runtime.read", "runtime.write1", "runtime.open", "runtime.closefd",
		"runtime.clone", "runtime.tgkill", "runtime.sigaltstack", "runtime.rtsigprocmask", "runtime.rt_sigaction",
		"runtime.timer_create", "runtime.timer_settime", "runtime.timer_delete", "runtime.setitimer",
		"runtime.sched_getaffinity",
		"runtime.libcCall", "runtime.stdcall":
		return true
	}
	// Systems that are called through their C library: a trampoline for each function.
	return strings.HasSuffix(f, "_trampoline")
}

// inRuntime reports whether f is in the runtime or in a package that only the
// runtime's own work runs.
func inRuntime(f string) bool {
	p := packageOf(f)
	return p == "runtime" || p == "runtime/pprof" || strings.HasPrefix(p, "internal/runtime/")
}

// packageOf returns the import path of the package of a function, as in
// "internal/runtime/maps" of "internal/runtime/maps.(*Map).getWithKey".
// Names that have none, such as those of C functions, give "".
func packageOf(f string) string {
	// Type arguments have slashes and dots of their own, after the package.
	f, _, _ = strings.Cut(f, "[")
	slash := strings.LastIndexByte(f, '/')
	dot := strings.IndexByte(f[slash+1:], '.')
	if dot < 0 {
		return ""
	}
	return f[:slash+1+dot]
}
