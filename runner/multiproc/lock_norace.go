//go:build !race

package multiproc

func raceAcquired(uint64) {}
func raceReleased(uint64) {}
