package connection

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	// folderPattern names the private folders.
	folderPattern = "gvp-multiproc-*"

	// socketName is that of the socket in one.
	socketName = "socket"

	// settled is the age from which on a private folder whose socket nobody
	// listens at is not one that is just being made.
	settled = time.Minute
)

// PrivateAddress makes a folder that only this user can look into, and returns
// the path for a socket in it. remove takes both away; call it also when the
// process that listened there was killed. Folders whose makers could not remove
// them, because they were killed themselves, go as well.
func PrivateAddress() (address string, remove func() error, err error) {
	clearUp()
	dir, err := os.MkdirTemp("", folderPattern) // with mode 0700
	if err != nil {
		return "", nil, fmt.Errorf("make a folder for a socket: %w", err)
	}
	return filepath.Join(dir, socketName), func() error { return os.RemoveAll(dir) }, nil
}

// clearUp removes private folders that the dead have left. One that belongs to
// another user cannot be looked into, and stays.
func clearUp() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPattern)) // the pattern is good
	for _, dir := range dirs {
		socket := filepath.Join(dir, socketName)
		info, err := os.Lstat(dir)
		if err == nil && info.IsDir() && time.Since(info.ModTime()) > settled && stale(socket) {
			_ = os.Remove(socket)
			_ = os.Remove(dir) // only if there is nothing else in it
		}
	}
}

// listenUnix listens at a path, also where a dead listener has left a socket.
func listenUnix(path string) (net.Listener, error) {
	// Two that start at the same time must not take each other's socket for a
	// dead one's, between the look and the removal.
	unlock := lockFolder(filepath.Dir(path))
	defer unlock()
	if stale(path) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("replace the socket of a dead listener: %w", err)
		}
	}
	return new(net.ListenConfig).Listen(context.Background(), "unix", path)
}

// stale tells whether there is a socket at path that nobody listens at.
func stale(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&fs.ModeSocket == 0 {
		return false
	}
	d := net.Dialer{Timeout: time.Second}
	c, err := d.DialContext(context.Background(), "unix", path)
	if err == nil {
		_ = c.Close()
		return false
	}
	return errors.Is(err, errRefused)
}
