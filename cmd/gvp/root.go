package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// A tool is one call of gvp.
type tool struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	args           []string
}

// run is gvp with the given arguments. It returns the exit status.
func run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer, args []string) int {
	t := &tool{stdin, stdout, stderr, args}
	root := t.root()
	if err := checkCommand(root, args); err != nil {
		return t.exit(ctx, err)
	}
	root.SetArgs(args)
	return t.exit(ctx, root.ExecuteContext(ctx))
}

func (t *tool) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "gvp",
		Short: "Measure the same work in goroutines and in processes",
		Long: `gvp runs the same work in goroutines, under GOMAXPROCS=1 and in processes,
and says with statistics what each of them costs and gains.

Exit status: 0 all went well, 1 something failed, 2 the command line is wrong.`,
		Example: `  gvp run --preset quick
  gvp run --workload hash,sleep --mode goroutine,process --workers 1,2,4
  gvp run ./mybench
  gvp report`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(t.stdin)
	root.SetOut(t.stdout)
	root.SetErr(t.stderr)
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(t.listCommand(), t.runCommand(), t.reportCommand(), t.checkCommand(), t.trendCommand(), t.simulateCommand(), t.versionCommand(), t.completionCommand())
	root.AddCommand(t.sizesCommands()...)
	root.SetHelpCommand(t.helpCommand())
	return root
}

// checkCommand checks the command's name before cobra sees it, whose own
// answer to an unknown one depends on the flags that follow.
func checkCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 || args[0] == "" || strings.HasPrefix(args[0], "-") ||
		args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd {
		return nil
	}
	names := []string{"help"} // cobra adds it only when it executes
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	slices.Sort(names)
	return known("command", args[0], slices.Compact(names))
}

func (t *tool) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Say how to use a command",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Root().Help()
			}
			if err := checkCommand(c.Root(), args); err != nil {
				return err
			}
			of, _, err := c.Root().Find(args[:1])
			if err != nil {
				return usageError{err}
			}
			return of.Help()
		},
	}
}

// flagError explains what is wrong with a flag.
func flagError(c *cobra.Command, err error) error {
	absent, ok := errors.AsType[*pflag.NotExistError](err)
	if ok && len(absent.GetSpecifiedName()) > 1 && absent.GetSpecifiedShortnames() == "" {
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, "--"+f.Name)
			}
		})
		return unknown("flag", "--"+absent.GetSpecifiedName(), names)
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return usagef("--%s: %w", invalid.GetFlag().Name, valueError(invalid))
	}
	return usagef("%w: see `%s --help`", err, c.CommandPath())
}

// valueError returns what a flag's value said of itself. The values that come
// with pflag quote Go's strconv, which is no way to talk to people.
func valueError(invalid *pflag.InvalidValueError) error {
	want := map[string]string{
		"int":      "want a whole number",
		"uint64":   "want a whole number from 0 on",
		"float64":  "want a number",
		"duration": "want a duration such as 250ms",
		"bool":     "want true or false",
	}[invalid.GetFlag().Value.Type()]
	if want == "" {
		return invalid.Unwrap()
	}
	return fmt.Errorf("bad value %q: %s", invalid.GetValue(), want)
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("%s takes no argument, but was given %q", c.CommandPath(), args[0])
}

// atMostOne checks the arguments of a command that takes a bench binary.
func atMostOne(c *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	return usagef("%s takes one package or bench binary, but was also given %q", c.CommandPath(), args[1])
}

// terminal reports whether w is one.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
