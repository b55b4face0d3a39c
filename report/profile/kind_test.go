package profile

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		name  string
		stack string // the running function first
		want  Kind
	}{
		{"hashing", "crypto/internal/fips140/sha256.blockSHANI crypto/sha256.Sum256 main.work runtime.goexit", User},
		{"under labels", "main.work runtime/pprof.Do main.main runtime.main runtime.goexit", User},
		{"an init function", "main.init.0 runtime.doInit1 runtime.doInit runtime.main", User},
		{"a C function", "sqlite3_step main.query", User},
		{"a method of a generic type", "main.(*tree[go.shape.int]).walk main.main", User},
		{"searching bytes", "internal/bytealg.IndexByte bytes.IndexByte main.main", User},
		{"a package like the runtime", "example.com/runtime.work main.main", User},

		{"allocating", "runtime.mallocgc runtime.newobject main.work", Runtime},
		{"copying", "runtime.memmove main.work", Runtime},
		{"a map", "internal/runtime/maps.ctrlGroupMatchH2 runtime.mapaccess2_fast64 main.work", Runtime},
		{"a channel", "runtime.chansend runtime.chansend1 main.work", Runtime},
		{"growing a stack", "runtime.copystack runtime.newstack runtime.morestack main.work", Runtime},
		{"a lost stack of the runtime", "runtime.memclrNoHeapPointers runtime._System", Runtime},
		{"writing the profile", "compress/flate.(*compressor).deflate runtime/pprof.(*profileBuilder).build runtime/pprof.profileWriter", Runtime},

		{"marking", "runtime.scanObject runtime.gcDrain runtime.gcBgMarkWorker.func2 runtime.systemstack runtime.gcBgMarkWorker", GC},
		{"an assist", "runtime.greyobject runtime.gcDrainN runtime.gcAssistAlloc1 runtime.gcAssistAlloc.func2 runtime.systemstack runtime.gcAssistAlloc runtime.mallocgc main.work", GC},
		{"a write barrier", "runtime.wbBufFlush1 runtime.wbBufFlush.func1 runtime.systemstack runtime.wbBufFlush runtime.gcWriteBarrier2 main.work", GC},
		{"sweeping for an allocation", "runtime.(*mspan).countAlloc runtime.(*sweepLocked).sweep runtime.(*mcentral).cacheSpan runtime.mallocgc main.work", GC},
		{"giving memory back", "runtime.madvise runtime.sysUnusedOS runtime.bgscavenge", GC},
		{"waking for the collector", "runtime.futex runtime.futexwakeup runtime.notewakeup runtime.gcStart runtime.mallocgc main.work", GC},
		{"a lost stack of the collector", "runtime.memclrNoHeapPointers runtime._GC", GC},

		{"looking for work", "runtime.futex runtime.futexsleep runtime.notesleep runtime.stopm runtime.findRunnable runtime.schedule runtime.park_m runtime.mcall", Sched},
		{"waiting for the network", "internal/runtime/syscall/linux.Syscall6 internal/runtime/syscall/linux.EpollWait runtime.netpoll runtime.findRunnable runtime.schedule runtime.mcall", Sched},
		{"waking a receiver", "runtime.runqput runtime.ready runtime.goready.func1 runtime.systemstack runtime.goready runtime.send runtime.chansend main.work", Sched},
		{"parking", "runtime.acquirem runtime.gopark runtime.chanrecv runtime.chanrecv1 main.work", Sched},
		{"starting a goroutine", "runtime.malg runtime.newproc1 runtime.newproc.func1 runtime.systemstack runtime.newproc main.work", Sched},
		{"preemption", "runtime.asyncPreempt2 runtime.asyncPreempt main.work", Sched},
		{"the monitor", "runtime.usleep runtime.sysmon runtime.mstart1 runtime.mstart0 runtime.mstart", Sched},
		{"a thread that waits for a lock", "runtime.procyield runtime.lock2 runtime.mallocgc main.work", Sched},

		{"reading", "internal/runtime/syscall/linux.Syscall6 syscall.RawSyscall6 syscall.Syscall syscall.read os.(*File).Read main.work", Syscall},
		{"starting a process", "syscall.rawVforkSyscall syscall.forkAndExecInChild1 syscall.forkExec os.StartProcess main.work", Syscall},
		{"leaving a system call", "runtime.exitsyscall syscall.Syscall syscall.read main.work", Syscall},
		{"registering with the poller", "internal/runtime/syscall/linux.Syscall6 internal/runtime/syscall/linux.EpollCtl runtime.netpollopen internal/poll.runtime_pollOpen os.newFile main.work", Syscall},
		{"growing the heap", "runtime.mmap runtime.sysMmap runtime.sysReserve runtime.(*mheap).grow runtime.mallocgc main.work", Syscall},
		{"the vectors of x/sys", "golang.org/x/sys/unix.Syscall golang.org/x/sys/unix.FcntlInt main.work", Syscall},
		{"through the C library", "runtime.kevent_trampoline runtime.kevent main.work", Syscall},
		{"what follows a system call", "syscall.ByteSliceFromString main.work", Syscall},

		{"nothing", "", Unknown},
		{"nameless frames", "_ _", Unknown},
		{"nameless code", "runtime._ExternalCode", Unknown},
		{"a nameless frame in work", "_ main.work", User},
	} {
		stack := strings.Fields(c.stack)
		for i, f := range stack {
			if f == "_" {
				stack[i] = ""
			}
		}
		if got := Classify(stack); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Go's runtime renames its functions from release to release, and a rule about a
// function that is gone would silently charge its time elsewhere.
func TestRulesNameFunctionsOfTheRuntime(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Skipf("no go command: %v", err)
	}
	defined := map[string]bool{}
	definition := regexp.MustCompile(`(?m)^(?:func (?:\([^)]*\) )?|TEXT (?:runtime)?·)(\w+)`)
	root := filepath.Join(strings.TrimSpace(string(out)), "src", "runtime")
	files, err := filepath.Glob(filepath.Join(root, "*.[gs]*"))
	if err != nil || len(files) == 0 {
		t.Skipf("no source of the runtime in %s (%v)", root, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range definition.FindAllSubmatch(data, -1) {
			defined[strings.TrimRight(string(m[1]), "0123456789")] = true
		}
	}
	names := literals(t, "kind.go", "runtime.")
	if len(names) < 50 {
		t.Fatalf("only %d names found in kind.go", len(names))
	}
	for _, name := range names {
		base := name[strings.LastIndexByte(name, '.')+1:]
		if !defined[strings.TrimRight(base, "0123456789")] {
			t.Errorf("the runtime has no function %s", name)
		}
	}
}

// literals returns the string literals of a source file that begin with prefix.
func literals(t *testing.T, file, prefix string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil && strings.HasPrefix(s, prefix) {
				found = append(found, s)
			}
		}
		return true
	})
	return found
}
