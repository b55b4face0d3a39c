package workloads

import "encoding/binary"

// mix scatters a number's bits: the finaliser of SplitMix64 (Steele, Lea,
// Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// seeded returns n bytes that look random and are the same for every worker.
func seeded(n int64) []byte {
	b := make([]byte, n, n+8)
	for i := int64(0); i < n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:i+8], mix(uint64(i)))
	}
	return b
}

// stamp writes i into the first eight bytes of b, or as much of it as fits.
func stamp(b []byte, i uint64) {
	var number [8]byte
	binary.LittleEndian.PutUint64(number[:], i)
	copy(b, number[:])
}
