package campaign

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// A Bench is a bench binary: a program whose main function is runner.Main.
type Bench struct {
	Path   string         // absolute
	Binary results.Binary // what it was built from

	info fs.FileInfo // of the file, when it was identified
}

// Identify reads what the bench binary at path is.
func Identify(path string) (*Bench, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("bench binary: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("bench binary: %w", err)
	}
	defer file.Close() // only read
	b := &Bench{Path: path}
	if b.info, err = file.Stat(); err != nil {
		return nil, fmt.Errorf("bench binary: %w", err)
	}
	if !b.info.Mode().IsRegular() {
		return nil, fmt.Errorf("bench binary %s is not a file", path)
	}
	info, err := buildinfo.Read(file)
	if err != nil {
		return nil, fmt.Errorf("bench binary %s is not a Go program: %w", path, err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, b.info.Size())); err != nil {
		return nil, fmt.Errorf("bench binary: %w", err)
	}
	b.Binary = binaryOf(info)
	b.Binary.Name = filepath.Base(path)
	b.Binary.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return b, b.unchanged()
}

func binaryOf(info *buildinfo.BuildInfo) results.Binary {
	b := results.Binary{GoVersion: info.GoVersion, Module: info.Main.Path, Flags: results.BuildFlags(info.Settings)}
	if info.Main.Version != "" {
		b.Module += "@" + info.Main.Version
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.Revision = s.Value
		case s.Key == "vcs.modified":
			modified := s.Value == "true"
			b.Modified = &modified
		case s.Key == "GOEXPERIMENT":
			b.Experiment = s.Value
		case isLevel(s.Key):
			b.Level = s.Value
		}
	}
	return b
}

// isLevel says whether a build setting is the level of the instruction set,
// each architecture having its own.
func isLevel(key string) bool {
	switch key {
	case "GO386", "GOAMD64", "GOARM", "GOARM64", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64", "GOWASM":
		return true
	}
	return false
}

// unchanged returns an error if the file is no longer the one that was
// identified: two samples of different programs must not meet in one run.
func (b *Bench) unchanged() error {
	now, err := os.Stat(b.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("bench binary %s was removed during the run", b.Path)
	}
	if err != nil {
		return fmt.Errorf("bench binary: %w", err)
	}
	if !os.SameFile(now, b.info) || now.Size() != b.info.Size() || !now.ModTime().Equal(b.info.ModTime()) {
		return fmt.Errorf("bench binary %s was replaced during the run", b.Path)
	}
	return nil
}

// describeTimeout is far more than printing a list takes: what needs longer
// does something else.
const describeTimeout = time.Minute

// Describe asks the bench binary what it can measure.
func Describe(ctx context.Context, bench *Bench) (results.Catalog, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	var c results.Catalog
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, bench.Path, results.DescribeCommand)
	cmd.Env = hostEnv(os.Environ())
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second // for what it may have left behind
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return c, fmt.Errorf("ask %s for its workloads: %w", bench.Path, ctx.Err())
	}
	if err == nil {
		err = json.Unmarshal(out, &c)
	}
	if err != nil {
		return c, fmt.Errorf("%s is not a bench binary, whose main function is runner.Main(workloads...): it does not answer %q: %w%s",
			bench.Path, results.DescribeCommand, err, gist(stderr.String()))
	}
	if c.Protocol != results.ProtocolVersion {
		return c, fmt.Errorf("%s speaks version %d of the protocol, this tool version %d: build both from the same gvp", bench.Path, c.Protocol, results.ProtocolVersion)
	}
	return c, nil
}
