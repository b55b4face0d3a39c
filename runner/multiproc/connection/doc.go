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
// one that both were given. It is never sent. The server sends a random number;
// the client answers with one of its own, and with a code (HMAC over SHA-256) that
// only who has the key can make of both numbers and the client's role; then the
// server shows its own code. A code is good for that one connection, and for that
// side of it. The client goes first, so that a stranger who connects learns
// nothing that he could try keys on. All this has to be done within
// [Options].AuthTimeout; otherwise, and for a wrong code, the error is [ErrAuth].
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
