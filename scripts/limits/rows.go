package main

// A row compares what was measured of multiproc with a peer.
type row struct {
	ours, peer string // names of figures
	faster     bool   // the aim is how many times as fast, else how many times as long
	aim        float64
}

var rows = []row{
	{"pool map, chunk 1", "python map-one", true, 100},
	{"pool map, chunk 1", "goroutines, one channel", true, 1},
	{"pool map, default", "python map-default", true, 5},
	{"apply, paused", "c futex-paused", false, 1.5},
	{"apply, hot", "c spin", false, 3},
	{"pipe round trip, 8 B", "c pipe", false, 1.2},
	{"pipe, 1 MiB one way", "c memcpy-1MiB", false, 2},
	{"pipe, 1 MiB one way", "python pipe-1MiB", true, 10},
	{"queue, 1 MiB one way", "c memcpy-1MiB", false, 2},
	{"lock pair", "sync.Mutex pair", false, 2},
	{"start and join", "empty program", false, 1.3},
	{"start, warm", "0.2 ms", false, 1},
	{"start and join, warm", "0.2 ms", false, 1},
}
