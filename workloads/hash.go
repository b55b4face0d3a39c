package workloads

import (
	"crypto/sha256"
	"encoding/binary"
)

// Hash is CPU-bound work on memory that it only reads.
var Hash = Workload{
	Name: "hash",
	Help: "SHA-256 of a block of its own for each unit",
	Note: "A worker hashes the same block over and over, with the unit's number in its first eight bytes: B/s is the speed of a block that is already in the cache where it fits.",
	Params: []Param{
		Size("size", 64<<10, 1, 64<<20, "bytes per block; below 8 B units begin to repeat"),
	},
	New: newHash,
}

func newHash(v Values) (Job, error) {
	size := v.Size("size")
	return Job{BytesPerUnit: size, NewWorker: func(int) (Worker, error) {
		block := seeded(size)
		return UnitFunc(func(i uint64) (uint64, error) {
			stamp(block, i)
			sum := sha256.Sum256(block)
			return binary.BigEndian.Uint64(sum[:8]), nil
		}), nil
	}}, nil
}
