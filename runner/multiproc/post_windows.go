package multiproc

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"syscall"
)

// hasPost tells that the parent puts files into the process of a spare itself.
const hasPost = false

// mostMail is the most files that a spare can be sent: handles are put there one
// by one, however many.
const mostMail = math.MaxInt

func openPost() (mine, theirs *os.File, err error) { return nil, nil, syscall.EWINDOWS }

// mail puts files into the process of a spare, and returns their handles there.
func (v *vessel) mail(files []*os.File) (labels []uint64, err error) {
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return nil, err
	}
	outer := v.proc.WithHandle(func(h uintptr) {
		for _, f := range files {
			var there syscall.Handle
			err = withHandle(f, func(here syscall.Handle) error {
				return syscall.DuplicateHandle(self, here, syscall.Handle(h), &there, 0, false, syscall.DUPLICATE_SAME_ACCESS)
			})
			if err != nil {
				err = fmt.Errorf("put a handle into process %d: %w", v.proc.Pid, err)
				return
			}
			labels = append(labels, uint64(there))
		}
	})
	return labels, errors.Join(outer, err)
}

// collect opens the files that were put into this process, which is a spare.
func collect(_ []*os.File, labels []uint64) (files []*os.File, err error) {
	for i, h := range labels {
		files = append(files, os.NewFile(uintptr(h), "inherited"+strconv.Itoa(i)))
	}
	return files, nil
}
