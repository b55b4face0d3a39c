//go:build !linux

package multiproc

import (
	"errors"
	"os"
)

// ringPipe returns an error: connections go through streams here.
func ringPipe() (*Connection, *Connection, error) { return nil, nil, errors.ErrUnsupported }

func (c *Connection) endRing(bool) (bool, error) { return false, nil }

func (c *Connection) packRing() (int, []*os.File) { return 0, nil }

func unpackRing(int, []*os.File) (*Connection, error) { return nil, errors.ErrUnsupported }

// blockBytes is 0: nothing is sent in blocks where there are no rings.
const blockBytes = 0

// laneOf returns the lane over a connection, which nobody uses any more but the
// lane.
func laneOf(c *Connection, limit int) lane {
	c.SetLimit(limit)
	return streamLane{c}
}
