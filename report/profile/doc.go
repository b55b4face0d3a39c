// Package profile reads the CPU profiles of a run and says where the time went:
// by kind of work, by function, and as a flame graph page that needs no server.
package profile
