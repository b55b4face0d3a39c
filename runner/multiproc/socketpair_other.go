//go:build !unix

package multiproc

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// SocketPair returns an error: no open files can be sent here. Hand them to a
// child as [File], in the argument that it is started with.
func SocketPair() (*Connection, *Connection, error) {
	return nil, nil, fmt.Errorf("a pair of sockets on %s: %w: use BytePipe, and File in the argument of a child", runtime.GOOS, errors.ErrUnsupported)
}

// carrierOf has nothing to make of a file.
func carrierOf(*os.File) (fileCarrier, error) { return nil, errors.ErrUnsupported }
