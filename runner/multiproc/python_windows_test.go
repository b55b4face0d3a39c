package multiproc

// Exit codes of children that were ended: Windows knows one way to do it.
const (
	terminated = 1
	killed     = 1
)
