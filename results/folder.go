package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// NewFolder makes the folder of a run or a check in out, which it makes, too, and
// names it after when that began; of several that began in one second, the others
// have a number. What is the word for it in errors: "run".
func NewFolder(out, what string, began time.Time) (string, error) {
	if err := os.MkdirAll(out, 0o777); err != nil {
		return "", fmt.Errorf("cannot make the folder for %ss: %w: choose another with --out", what, err)
	}
	stamp := filepath.Join(out, began.UTC().Format("20060102T150405Z"))
	folder := stamp
	for n := 2; ; n++ {
		err := os.Mkdir(folder, 0o777)
		if err == nil {
			return folder, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("cannot make the %s's folder: %w: choose another place for it with --out", what, err)
		}
		folder = fmt.Sprintf("%s-%d", stamp, n)
	}
}
