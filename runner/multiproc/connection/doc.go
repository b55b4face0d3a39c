// Package connection connects processes that are not each other's parent and
// child, on one machine or on several: it is Python's multiprocessing.connection.
//
// [Listen] and [Dial] know two networks: "unix", a socket in the file system,
// and "tcp", with TLS if [Options].TLS says so. What they return are the
// connections of package multiproc.
//
// # Who is there
//
// Both sides prove to each other that they have the same key before anything
// else is said. The key is that of the process tree ([multiproc.AuthKey]) or
// one that both were given. It is never sent. See handshake.go for how.
//
// Under TLS the proof is bound to the encrypted channel, so that nobody in the
// middle can pass it on. That makes a certificate that nobody has signed good
// enough between those who have the key: set InsecureSkipVerify, and the key
// does what the signature would have done. Without TLS, someone who can change
// what goes over the network can let the proof pass and then speak in the
// place of either: use plain tcp on a trusted network only.
//
// The package stands apart from multiproc, because a program pays for net and
// crypto/tls with each start, and most children need neither.
package connection
