package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/gvp-bench/gvp/results"
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
// binary has: the command's argument or, without one, the built-in one. It
// builds nothing: a shell must not wait for that.
func (t *tool) fromCatalog(names func(results.Catalog) []cobra.Completion) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		arg := ""
		if len(args) > 0 {
			arg = args[0]
		}
		bench, err := readyBench(arg)
		if err != nil || bench == "" {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		catalog, err := describe(c.Context(), bench)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		before := typed[:strings.LastIndex(typed, ",")+1]
		var found []cobra.Completion
		for _, name := range names(catalog) {
			found = append(found, before+name)
		}
		return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
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
