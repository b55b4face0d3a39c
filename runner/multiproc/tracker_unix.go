//go:build unix

package multiproc

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/shm"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// trackerEnv has this program be the tracker of another process.
const trackerEnv = "GVP_MULTIPROC_TRACKER"

// A tracker is a process that removes what this one has named, when this one
// has ended, of whatever cause. It sits at the reading end of a pipe of which
// this process alone has the other: the end of the pipe is that of the process.
type tracker struct {
	mu      sync.Mutex
	owned   map[string]string // paths of segments by the creator's links
	process *os.Process       // nil while there is none
	w       *os.File
	began   time.Time
}

// tracked is what this process has named. There is one, as there is one end of
// the process.
var tracked = tracker{owned: map[string]string{}}

const (
	// trackerPatience is how long a tracker may take to read what it is told.
	// One that takes longer was stopped, and is replaced.
	trackerPatience = 10 * time.Second

	// trackerPause is how long a tracker that did not live longer than that is
	// not replaced: it would use up a processor if it cannot live at all.
	trackerPause = time.Second
)

// add has the segment removed when this process ends. Call it before the
// segment is made: then there is no moment in which nobody would.
func (t *tracker) add(link, path string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.owned[link] = path
	if t.process != nil {
		t.tell(link, path)
		return nil
	}
	if err := t.start(); err != nil {
		delete(t.owned, link)
		return fmt.Errorf("start the tracker, which removes named memory: %w", err)
	}
	return nil
}

// remove forgets a segment that has been removed.
func (t *tracker) remove(link string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.owned, link)
	if t.process != nil {
		t.tell(link, "")
	}
}

// tell writes one line of the list; an empty path takes the link off it. A
// tracker that cannot be told is replaced by one that gets the whole list.
func (t *tracker) tell(link, path string) {
	_ = t.w.SetWriteDeadline(time.Now().Add(trackerPatience)) // a pipe can
	if err := wire.Write(t.w, []byte(link+"\x00"+path), wire.Limit); err != nil {
		_ = t.process.Kill() // or it has ended by itself
	}
}

// start starts the tracker and tells it the whole list. It is no child as the
// others are, who end with their parent.
func (t *tracker) start() error {
	exe, err := executable()
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	// What it would hold of this process's output, others might wait for.
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		_ = w.Close()
		return err
	}
	defer null.Close()
	p, err := os.StartProcess(exe, currentSurroundings().argv, &os.ProcAttr{
		Dir:   "/",
		Env:   lastOfEach(append(os.Environ(), trackerEnv+"=1")),
		Files: []*os.File{r, null, null},
		Sys:   &syscall.SysProcAttr{Setsid: true}, // signals for this process's group are not for it
	})
	if err != nil {
		_ = w.Close()
		return err
	}
	t.process, t.w, t.began = p, w, time.Now()
	for link, path := range t.owned {
		t.tell(link, path)
	}
	go t.attend(p, w)
	return nil
}

// attend reaps the tracker, and replaces it as long as there is something to
// track.
func (t *tracker) attend(p *os.Process, w *os.File) {
	_, _ = p.Wait() // however it ended
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = w.Close()
	t.process, t.w = nil, nil
	if time.Since(t.began) < trackerPause {
		time.AfterFunc(trackerPause, t.restart)
		return
	}
	t.restartLocked()
}

func (t *tracker) restart() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.restartLocked()
}

// restartLocked is restart for who has mu.
func (t *tracker) restartLocked() {
	if t.process == nil && len(t.owned) > 0 && t.start() != nil {
		time.AfterFunc(trackerPause, t.restart)
	}
}

// trackIfAsked is the life of a tracker, if this process is one.
func trackIfAsked() {
	if os.Getenv(trackerEnv) != "" {
		signal.Ignore()
		track(os.Stdin)
		os.Exit(0)
	}
}

// track reads the list until its writer has ended, and then removes what is
// left on it.
func track(list *os.File) {
	owned := map[string]string{}
	for {
		b, err := wire.Read(list, wire.Limit)
		if err != nil {
			break
		}
		link, path, _ := strings.Cut(string(b), "\x00")
		if path == "" {
			delete(owned, link)
			continue
		}
		owned[link] = path
	}
	for link, path := range owned {
		_ = shm.Remove(link, path) // nobody is left to tell
	}
}
