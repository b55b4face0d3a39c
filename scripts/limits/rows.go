package main

// A row compares what was measured of multiproc with a peer.
type row struct {
	ours, peer string // names of figures
	faster     bool   // the aim is how many times as fast, else how many times as long
	aim        float64
	bytes      bool
}

var rows = []row{
	{ours: "pool map, chunk 1", peer: "python map-one", faster: true, aim: 100},
	{ours: "pool map, chunk 1", peer: "goroutines, one channel", faster: true, aim: 1},
	{ours: "pool map, default", peer: "python map-default", faster: true, aim: 5},
	{ours: "apply, paused", peer: "c futex-paused", aim: 1.5},
	{ours: "apply, hot", peer: "c spin", aim: 3},
	{ours: "pipe round trip, 8 B", peer: "c spin", aim: 3},
	{ours: "pipe round trip, 8 B", peer: "c pipe", aim: 1.2},
	{ours: "pipe, 1 MiB one way", peer: "c memcpy-1MiB", aim: 2},
	{ours: "pipe, 1 MiB one way", peer: "python pipe-1MiB", faster: true, aim: 10},
	{ours: "queue, 1 MiB one way", peer: "c memcpy-1MiB", aim: 2},
	{ours: "lock pair", peer: "sync.Mutex pair", aim: 2},
	{ours: "start and join", peer: "empty program", aim: 1.3},
	{ours: "start, warm", peer: "0.2 ms", aim: 1},
	{ours: "start and join, warm", peer: "0.2 ms", aim: 1},
	{ours: "METG(50 %), process", peer: "METG(50 %), goroutine", aim: 2},
	{ours: "METG(50 %), process", peer: "2 µs", aim: 1},
	{ours: "METG(50 %) one by one, process", peer: "METG(50 %) one by one, goroutine", aim: 2},
	{ours: "METG(50 %) one by one, process", peer: "2 µs", aim: 1},
	{ours: "1,000 idle workers, CPU in 1 s", peer: "1 ms", aim: 1},
	{ours: "1,000 idle workers, parent", peer: "64 MiB", aim: 1, bytes: true},
	{ours: "pool map, chunk 1, 8 workers a CPU", peer: "pool map, chunk 1", aim: 2},
	{ours: "GOMAXPROCS=1 pool map, chunk 1", peer: "pool map, chunk 1", aim: 2},
	{ours: "GOMAXPROCS=1 apply, hot", peer: "apply, paused", aim: 1.5},
}
