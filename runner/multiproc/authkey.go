package multiproc

import (
	"crypto/rand"
	"slices"
	"sync"
)

// keyring holds the key that the processes of one tree have in common.
var keyring struct {
	mu  sync.Mutex
	key []byte
}

// AuthKey returns the key by which the processes of this tree know each other:
// 32 random bytes, made by the first process and handed down to each child. It
// is the default key of the connections that authenticate.
func AuthKey() []byte {
	keyring.mu.Lock()
	defer keyring.mu.Unlock()
	if keyring.key == nil {
		keyring.key = make([]byte, 32)
		_, _ = rand.Read(keyring.key) // never fails: crypto/rand ends the program instead
	}
	return slices.Clone(keyring.key)
}

// setAuthKey sets the key that the parent has handed down.
func setAuthKey(key []byte) {
	keyring.mu.Lock()
	defer keyring.mu.Unlock()
	keyring.key = slices.Clone(key)
}
