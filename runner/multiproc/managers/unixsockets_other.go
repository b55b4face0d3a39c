//go:build !windows

package managers

// unixSockets tells whether the system has sockets of that family.
func unixSockets() bool { return true }
