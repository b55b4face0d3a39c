package runner

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/gvp-bench/gvp/results"
)

// The dispatcher and a worker process exchange messages of one letter and what
// follows it. Those on the clock, a chunk and its end, are fixed and small; the
// others are JSON.
const (
	msgWarm   = 'w' // → warm up: the number of units
	msgChunk  = 'c' // → do these units: lo and hi
	msgEnd    = 'e' // → no more units in this sample
	msgPeak   = 'p' // → say how much memory you had at your peak
	msgReport = 'r' // → say what you have seen
	msgQuit   = 'q' // → end

	msgReady  = 'R' // ← ready for units
	msgDone   = 'D' // ← one chunk is done
	msgFold   = 'F' // ← the folded digests of the sample: JSON
	msgPeakIs = 'P' // ← my peak: bytes
	msgStatus = 'S' // ← what I have seen: JSON
	msgError  = 'E' // ← what I was told to do failed: text
)

// A workerStatus is a worker process's answer to msgReport.
type workerStatus struct {
	Latency    []byte `json:"latency"` // an exported histogram
	Used       used   `json:"used"`
	GOMAXPROCS int    `json:"gomaxprocs"`
}

// used is usage as it travels.
type used struct {
	System system `json:"system"`
	Heap   heap   `json:"heap"`
}

// appendChunk appends the message that hands out s.
func appendChunk(b []byte, s span) []byte {
	b = append(b, msgChunk)
	b = binary.LittleEndian.AppendUint64(b, s.lo)
	return binary.LittleEndian.AppendUint64(b, s.hi)
}

// parseChunk reads what follows the letter of msgChunk.
func parseChunk(b []byte) (span, error) {
	if len(b) != 16 {
		return span{}, fmt.Errorf("chunk message has %d bytes, want 16", len(b))
	}
	return span{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}, nil
}

// encode makes a message of a letter and v as JSON.
func encode(letter byte, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append([]byte{letter}, b...), nil
}

// decodeFold reads what follows the letter of msgFold.
func decodeFold(b []byte) (f results.Fold, err error) {
	err = json.Unmarshal(b, &f)
	return f, err
}
