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

// Nothing is sent in blocks, or written where the other side will read it, where
// there are no rings.
const blockBytes, roomBytes = 0, 0

// laneOf returns the lane over a connection, which nobody uses any more but the
// lane.
func laneOf(c *Connection, limit int) lane {
	c.SetLimit(limit)
	return streamLane{c}
}
