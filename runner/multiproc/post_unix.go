//go:build unix

package multiproc

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// hasPost tells that a spare has a socket for the files that it gets later.
const hasPost = true

// mostMail is the most files that a spare can be sent: those that the system takes
// along with one message (SCM_MAX_FD of Linux, the least that is known).
const mostMail = 253

// openPost returns the two ends of the socket: the parent's, and the child's.
func openPost() (mine, theirs *os.File, err error) {
	fds, err := socketPair()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "post"), os.NewFile(uintptr(fds[1]), "letterbox"), nil
}

// mail sends files to a spare. The system keeps them until it takes them.
func (v *vessel) mail(files []*os.File) (labels []uint64, err error) {
	if len(files) == 0 {
		return nil, nil
	}
	post, err := v.post.SyscallConn()
	if err != nil {
		return nil, err
	}
	err = withDescriptors(files, nil, func(fds []uintptr) (err error) {
		labels = make([]uint64, len(fds))
		rights := make([]int, len(fds))
		for i, fd := range fds {
			rights[i] = int(fd)
		}
		closed := post.Control(func(to uintptr) {
			for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
				err = syscall.Sendmsg(int(to), []byte{0}, syscall.UnixRights(rights...), nil, syscall.MSG_DONTWAIT)
			}
		})
		if closed != nil {
			return closed
		}
		return os.NewSyscallError("sendmsg", err)
	})
	return labels, err
}

// collect takes the files that were sent to this process, which is a spare, out
// of its letterbox.
func collect(inherited []*os.File, labels []uint64) ([]*os.File, error) {
	if len(inherited) != 1 {
		return nil, fmt.Errorf("%d files came with its start, not a letterbox", len(inherited))
	}
	letterbox := inherited[0]
	defer letterbox.Close() // it was only read
	if len(labels) == 0 {
		return nil, nil
	}
	raw, err := letterbox.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fds []int
	syscall.ForkLock.RLock() // until they are closed to programs that this one starts
	defer syscall.ForkLock.RUnlock()
	closed := raw.Control(func(from uintptr) { // they have come before the greeting that tells of them
		oob := make([]byte, syscall.CmsgSpace(4*mostMail))
		var n int
		for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
			_, n, _, _, err = syscall.Recvmsg(int(from), make([]byte, 1), oob, syscall.MSG_DONTWAIT)
		}
		if err == nil {
			fds = rights(oob[:n])
		}
	})
	if err = errors.Join(closed, os.NewSyscallError("recvmsg", err)); err != nil {
		return nil, err
	}
	files := make([]*os.File, len(fds))
	for i, fd := range fds {
		syscall.CloseOnExec(fd)
		files[i] = os.NewFile(uintptr(fd), "inherited"+strconv.Itoa(i))
	}
	if len(files) != len(labels) {
		for _, f := range files {
			_ = f.Close()
		}
		return nil, fmt.Errorf("%d of %d files have arrived: there are no descriptors for the others", len(files), len(labels))
	}
	return files, nil
}
