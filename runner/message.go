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
	msgTell   = 't' // → do these as well, and say when they are done
	msgEnd    = 'e' // → no more units in this sample
	msgPeak   = 'p' // → say how much memory you had at your peak
	msgReport = 'r' // → say what you have seen
	msgQuit   = 'q' // → end

	msgReady  = 'R' // ← ready for units
	msgDone   = 'D' // ← a chunk is done of which that was to be said
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
	letter := byte(msgChunk)
	if s.tell {
		letter = msgTell
	}
	b = append(b, letter)
	b = binary.LittleEndian.AppendUint64(b, s.lo)
	return binary.LittleEndian.AppendUint64(b, s.hi)
}

// isChunk tells whether a message of that letter hands out units.
func isChunk(letter byte) bool { return letter == msgChunk || letter == msgTell }

// parseChunk reads a message that hands out units.
func parseChunk(b []byte) (span, error) {
	if len(b) != 17 {
		return span{}, fmt.Errorf("chunk message has %d bytes, want 17", len(b))
	}
	return span{lo: binary.LittleEndian.Uint64(b[1:]), hi: binary.LittleEndian.Uint64(b[9:]), tell: b[0] == msgTell}, nil
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
