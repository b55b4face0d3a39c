package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// goTool runs the go command in dir. env are variables more, name=value.
func goTool(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	out, err := command(ctx, dir, append(append(withoutGit(os.Environ()), "PWD="+dir), env...), "go", args...)
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("the go command is not in PATH: install Go from https://go.dev/dl/, or compare binaries that are already built")
	}
	return out, err
}

// settingNames are the variables of go env that say what a build is.
var settingNames = []string{
	"GOVERSION", "GOOS", "GOARCH", "GOFLAGS", "GOEXPERIMENT", "GOFIPS140", "CGO_ENABLED",
	"GO386", "GOAMD64", "GOARM", "GOARM64", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64", "GOWASM",
	"CC", "CXX", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_FFLAGS", "CGO_LDFLAGS",
}

// goSettings returns those of the settings that are set.
func goSettings(ctx context.Context, dir string, env []string) (map[string]string, error) {
	out, err := goTool(ctx, dir, env, append([]string{"env", "-json"}, settingNames...)...)
	if err != nil {
		return nil, fmt.Errorf("cannot ask go for its settings: %w", err)
	}
	var all map[string]string
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		return nil, fmt.Errorf("cannot understand go env: %w", err)
	}
	settings := make(map[string]string)
	for name, value := range all {
		if value != "" {
			settings[name] = value
		}
	}
	return settings, nil
}

// goModule is a module as go list has it.
type goModule struct {
	Path, Version, GoMod string
	Main                 bool
	Replace              *goModule
}

// goPackage is a package as go list has it.
type goPackage struct {
	ImportPath, Name, Dir, ForTest string
	Standard, DepOnly              bool
	Module                         *goModule
	Imports, Deps                  []string
	Match                          []string // of the patterns
	Error                          *struct{ Err string }

	GoFiles, CgoFiles, CFiles, CXXFiles, MFiles, HFiles, FFiles, SFiles []string
	SwigFiles, SwigCXXFiles, SysoFiles, EmbedFiles                      []string
	TestGoFiles, TestEmbedFiles, XTestGoFiles, XTestEmbedFiles          []string
}

const goPackageFields = "ImportPath,Name,Dir,ForTest,Standard,DepOnly,Module,Imports,Deps,Match,Error," +
	"GoFiles,CgoFiles,CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles,SwigFiles,SwigCXXFiles,SysoFiles,EmbedFiles," +
	"TestGoFiles,TestEmbedFiles,XTestGoFiles,XTestEmbedFiles"

// sources are the files that the package is built from, without tests.
func (p *goPackage) sources() []string {
	var files []string
	for _, list := range [][]string{
		p.GoFiles, p.CgoFiles, p.CFiles, p.CXXFiles, p.MFiles, p.HFiles, p.FFiles, p.SFiles,
		p.SwigFiles, p.SwigCXXFiles, p.SysoFiles, p.EmbedFiles,
	} {
		files = append(files, list...)
	}
	return files
}

// tests are the files that its tests have more.
func (p *goPackage) tests() []string {
	var files []string
	for _, list := range [][]string{p.TestGoFiles, p.TestEmbedFiles, p.XTestGoFiles, p.XTestEmbedFiles} {
		files = append(files, list...)
	}
	return files
}

// goList lists the packages that match and all that they and their tests need.
// What is wrong with a package is in its Error: it matters only if the package
// has benchmarks, and then building it says more.
func goList(ctx context.Context, s *side, flags, patterns []string) ([]*goPackage, error) {
	args := append([]string{"list", "-e", "-deps", "-test", "-json=" + goPackageFields}, flags...)
	out, err := goTool(ctx, s.dir, s.env, append(append(args, "--"), patterns...)...)
	if err != nil {
		return nil, fmt.Errorf("cannot list the packages of %s: %w", s, err)
	}
	var all []*goPackage
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		p := new(goPackage)
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("cannot understand go list: %w", err)
		}
		all = append(all, p)
	}
}
