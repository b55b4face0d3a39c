//go:build race

package runner

// raceDetector multiplies memory by a factor that depends on the work.
const raceDetector = true
