//go:build !linux

package multiproc

import "errors"

var errNoPinning = errors.New("processes cannot be bound to CPUs on this system")

func usableCPUs() ([]int, error) { return nil, errNoPinning }
