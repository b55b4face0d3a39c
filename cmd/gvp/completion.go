package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gvp-bench/gvp/report/table"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

func (t *tool) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion " + strings.Join(shells, "|"),
		Short: "Write a completion script for a shell",
		Long: `completion writes a script that makes a shell complete gvp's commands, flags,
workloads, modes and presets. For one session:

  bash        source <(gvp completion bash)
  zsh         source <(gvp completion zsh)
  fish        gvp completion fish | source
  powershell  gvp completion powershell | Out-String | Invoke-Expression

For all sessions, put that line into the shell's start-up file.`,
		ValidArgs: shells,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%s takes the name of one shell: %s", c.CommandPath(), strings.Join(shells, ", "))
			}
			root := c.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(t.stdout, true)
			case "zsh":
				return root.GenZshCompletion(t.stdout)
			case "fish":
				return root.GenFishCompletion(t.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(t.stdout)
			}
			return unknown("shell", args[0], shells)
		},
	}
}

// complete lets the shells complete the values of a flag.
func complete(c *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // the flag is not there, or has one already: the source is wrong
	}
}

// fromCatalog completes the last of a list of names with those that the bench
// binary has which benchOf names or, if it names none, the built-in one. It
// builds nothing: a shell must not wait for that.
func (t *tool) fromCatalog(benchOf func(*cobra.Command, []string) string, names func(results.Catalog) []cobra.Completion) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		bench, err := readyBench(benchOf(c, args))
		if err != nil || bench == "" {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		catalog, err := describe(c.Context(), bench)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return lastOf(typed, names(catalog)), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// lastOf completes the last of a list of names, apart by commas, with those
// that are not in the list yet.
func lastOf(typed string, names []cobra.Completion) []cobra.Completion {
	before := typed[:strings.LastIndex(typed, ",")+1]
	given := strings.Split(before, ",")
	var found []cobra.Completion
	for _, c := range names {
		if name, _, _ := strings.Cut(c, "\t"); !slices.Contains(given, name) {
			found = append(found, before+c)
		}
	}
	return found
}

// quickToRead is how large results may be, in bytes, for a shell to wait while
// they are read.
const quickToRead = 8 << 20

// fromResults completes the last of a list of names with those that the results
// have which the arguments name or, without one, the newest run. names is given
// nil if these cannot be read at once.
func fromResults(names func(*samples.Set) []cobra.Completion) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return lastOf(typed, names(readQuickly(args))), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

func readQuickly(paths []string) *samples.Set {
	if len(paths) == 0 {
		newest, err := newestRun(runsFolder)
		if err != nil {
			return nil
		}
		paths = []string{newest}
	}
	for _, p := range paths {
		if _, path, ok := strings.Cut(p, "="); ok {
			p = path
		}
		info, err := os.Stat(p)
		if err == nil && info.IsDir() {
			info, err = os.Stat(filepath.Join(p, results.SamplesFile))
		}
		if err != nil || !info.Mode().IsRegular() || info.Size() > quickToRead {
			return nil // a pipe would be read for nothing
		}
	}
	set, err := samples.ReadFiles(paths)
	if err != nil {
		return nil
	}
	return set
}

func unitNames(set *samples.Set) []cobra.Completion {
	help := make(map[string]string)
	var names []cobra.Completion
	for _, u := range results.Units() {
		help[u.Name] = u.Help
		names = append(names, cobra.CompletionWithDesc(u.Name, u.Help))
	}
	if set == nil {
		return names
	}
	names = nil
	for _, u := range unitsOf(set) {
		names = append(names, cobra.CompletionWithDesc(u, help[u]))
	}
	return names
}

// keyNames are the keys of projections, which have all but the unit.
func keyNames(set *samples.Set) []cobra.Completion {
	keys := []string{".name", ".fullname", ".file", ".config", "/workload", "/mode", "/workers"}
	if set != nil {
		keys = table.KeysOf(set)
	}
	return slices.DeleteFunc(keys, func(k string) bool { return k == ".unit" })
}

func workloadNames(catalog results.Catalog) []cobra.Completion {
	var names []cobra.Completion
	for _, w := range catalog.Workloads {
		names = append(names, cobra.CompletionWithDesc(w.Name, w.Help))
	}
	return names
}

func modeNames(catalog results.Catalog) []cobra.Completion {
	var names []cobra.Completion
	for _, m := range catalog.Modes {
		names = append(names, cobra.CompletionWithDesc(m.Name, m.Help))
	}
	return names
}

func paramNames(catalog results.Catalog) []cobra.Completion {
	var names []cobra.Completion
	for _, w := range catalog.Workloads {
		for _, p := range w.Params {
			names = append(names, cobra.CompletionWithDesc(w.Name+"."+p.Name+"=", p.Help))
		}
	}
	return names
}
