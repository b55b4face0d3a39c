package multiproc

import (
	"io"
	"os"
	"syscall"
	"time"
)

// endRead has a read of a pipe return that is under way, or about to be. The Close
// of an os.File cancels it as well, but only once: a read that begins a moment later
// would keep the Close waiting for ever.
func endRead(from io.Reader, reading func() bool) {
	f, ok := from.(*os.File)
	if !ok {
		return
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(handle uintptr) { // which stays that of this file until it returns
		for reading() {
			_ = syscall.CancelIoEx(syscall.Handle(handle), nil) // there may be none yet
			time.Sleep(time.Millisecond)
		}
	}) // it is closed, and nobody reads
}
