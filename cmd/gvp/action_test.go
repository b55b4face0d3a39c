package main

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// An actionStep is a step of action.yml.
type actionStep map[string]any

func (s actionStep) text(key string) string {
	text, _ := s[key].(string)
	return text
}

func (s actionStep) env() map[string]any {
	env, _ := s["env"].(map[string]any)
	return env
}

// readAction reads the action: its inputs by name, and its steps.
func readAction(t *testing.T) (inputs map[string]any, steps []actionStep) {
	t.Helper()
	doc := readPlainYAML(t, "../../action.yml")
	runs := doc["runs"].(map[string]any)
	if runs["using"] != "composite" {
		t.Fatalf("the action uses %v", runs["using"])
	}
	for _, s := range runs["steps"].([]any) {
		steps = append(steps, s.(map[string]any))
	}
	return doc["inputs"].(map[string]any), steps
}

// readPlainYAML reads a file of maps, lists of maps and texts on a line or folded
// ones, each indented by two columns more than what it is in: there is no more in
// ours, and actionlint reads them as GitHub does.
func readPlainYAML(t *testing.T, name string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		if trimmed := strings.TrimSpace(line); trimmed != "" && !strings.HasPrefix(trimmed, "#") {
			lines = append(lines, line)
		}
	}
	value, rest := plainYAML(t, lines, 0)
	if len(rest) > 0 {
		t.Fatalf("%s: what is this: %s", name, rest[0])
	}
	return value.(map[string]any)
}

var yamlKey = regexp.MustCompile(`^([A-Za-z_-]+):(?: (.*))?$`)

// plainYAML reads what begins at that column, and returns the lines after it.
func plainYAML(t *testing.T, lines []string, column int) (any, []string) {
	t.Helper()
	indent := strings.Repeat(" ", column)
	m, list := make(map[string]any), []any(nil)
	for len(lines) > 0 && strings.HasPrefix(lines[0], indent) && !strings.HasPrefix(lines[0], indent+" ") {
		line := lines[0][column:]
		if item, ok := strings.CutPrefix(line, "- "); ok {
			var v any
			lines[0] = indent + "  " + item
			v, lines = plainYAML(t, lines, column+2)
			list = append(list, v)
			continue
		}
		kv := yamlKey.FindStringSubmatch(line)
		if kv == nil {
			t.Fatalf("what is this: %s", line)
		}
		lines = lines[1:]
		text, _, _ := strings.Cut(kv[2], " # ")
		switch {
		case text == ">-":
			var words []string
			for len(lines) > 0 && strings.HasPrefix(lines[0], indent+"  ") {
				words, lines = append(words, strings.TrimSpace(lines[0])), lines[1:]
			}
			m[kv[1]] = strings.Join(words, " ")
		case len(text) > 1 && strings.HasPrefix(text, `"`) && strings.HasSuffix(text, `"`):
			m[kv[1]] = text[1 : len(text)-1]
		case text != "":
			m[kv[1]] = text
		default:
			m[kv[1]], lines = plainYAML(t, lines, column+2)
		}
	}
	if list != nil {
		return list, lines
	}
	return m, lines
}

var (
	expression = regexp.MustCompile(`\$\{\{ *([^}]*?) *\}\}`)
	inputName  = regexp.MustCompile(`\binputs\.([a-z-]+)`)
	longFlag   = regexp.MustCompile(`(?m)(?:^|[\s"(])--([a-z][a-z-]+)`)
)

func TestActionUsesAllOfItsInputsAndNoOthers(t *testing.T) {
	inputs, steps := readAction(t)
	used := make(map[string]bool)
	for _, s := range steps {
		all := maps.Clone(s.env())
		with, _ := s["with"].(map[string]any)
		for _, values := range []map[string]any{all, with, {"dir": s["working-directory"]}} {
			for _, v := range values {
				text, _ := v.(string)
				for _, name := range inputName.FindAllStringSubmatch(text, -1) {
					used[name[1]] = true
				}
			}
		}
		// Text of somebody else's in a script would be run.
		if expression.MatchString(s.text("run")) {
			t.Errorf("an expression in a script: %s", s.text("run"))
		}
		script := regexp.MustCompile(`scripts/[a-z-]+\.sh`).FindString(s.text("run"))
		if script == "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join("../..", script))
		if err != nil {
			t.Fatal(err)
		}
		for name := range s.env() {
			if !strings.Contains(string(text), "$"+name) && !strings.Contains(string(text), "${"+name) {
				t.Errorf("%s has no use for %s", script, name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		in := inputs[name].(map[string]any)
		if _, ok := in["default"]; !ok || in["description"] == "" {
			t.Errorf("input %s has no default, or nothing is said of it: %v", name, in)
		}
	}
	if got, want := slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(inputs)); !slices.Equal(got, want) {
		t.Errorf("used are %v, inputs are %v", got, want)
	}
}

func TestScriptsGiveCheckFlagsThatItHas(t *testing.T) {
	flags := (&tool{}).checkCommand().Flags()
	for _, script := range []string{"action-check.sh", "check.sh", "baseline.sh"} {
		text, err := os.ReadFile(filepath.Join("../../scripts", script))
		if err != nil {
			t.Fatal(err)
		}
		found := longFlag.FindAllStringSubmatch(string(text), -1)
		if len(found) < 2 {
			t.Errorf("%s: flags %q, want more", script, found)
		}
		for _, f := range found {
			if flags.Lookup(f[1]) == nil {
				t.Errorf("%s: gvp check has no flag --%s", script, f[1])
			}
		}
	}
}

// What is checked in a pull request is what make check checks.
func TestWorkflowChecksWhatMakeDoes(t *testing.T) {
	jobs := readPlainYAML(t, "../../.github/workflows/check.yml")["jobs"].(map[string]any)
	steps := jobs["check"].(map[string]any)["steps"].([]any)
	with := steps[len(steps)-1].(map[string]any)["with"].(map[string]any)
	script, err := os.ReadFile("../../scripts/check.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"benchmarks='" + with["bench"].(string) + "'", "packages=(" + with["packages"].(string) + ")", "--max-time " + with["max-time"].(string)} {
		if !strings.Contains(string(script), want) {
			t.Errorf("scripts/check.sh lacks %s", want)
		}
	}
}

// A job is a run of the action's scripts, as GitHub's runner does it.
type job struct {
	dir    string            // with the clone and all files
	given  map[string]string // inputs
	github map[string]string // of expressions: event.before
	env    []string
	steps  map[string]map[string]string // outputs by step
	stdout string
	status int
}

// run runs the named steps, or all; it stops at the first that fails.
func (j *job) run(t *testing.T, names ...string) {
	t.Helper()
	inputs, steps := readAction(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	j.steps = make(map[string]map[string]string)
	eval := func(text string) string {
		return expression.ReplaceAllStringFunc(text, func(e string) string {
			e = expression.FindStringSubmatch(e)[1]
			parts := strings.Split(e, ".")
			switch {
			case parts[0] == "inputs" && len(parts) == 2:
				if v, ok := j.given[parts[1]]; ok {
					return v
				}
				return inputs[parts[1]].(map[string]any)["default"].(string)
			case parts[0] == "steps" && len(parts) == 4:
				return j.steps[parts[1]][parts[3]]
			case parts[0] == "github":
				return j.github[strings.TrimPrefix(e, "github.")]
			}
			t.Fatalf("what is %s", e)
			return ""
		})
	}
	for _, s := range steps {
		if s.text("run") == "" || len(names) > 0 && !slices.Contains(names, s.text("name")) {
			continue
		}
		out := filepath.Join(j.dir, "output")
		if err := os.WriteFile(out, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		// As the runner does for shell: bash.
		cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.text("run"))
		cmd.Dir = filepath.Join(j.dir, "clone", eval(s.text("working-directory")))
		cmd.Env = append(os.Environ(), "GITHUB_ACTION_PATH="+root, "GITHUB_OUTPUT="+out, "RUNNER_TEMP="+filepath.Join(j.dir, "temp"),
			"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+filepath.Join(j.dir, "summary"),
			// Go's cache stays the one that there is.
			"GOCACHE="+goCache(t), "XDG_CACHE_HOME="+filepath.Join(j.dir, "cache"))
		cmd.Env = append(cmd.Env, j.env...)
		for name, value := range s.env() {
			if name != "GOFLAGS" && name != "GOTOOLCHAIN" { // which may say how to build here
				cmd.Env = append(cmd.Env, name+"="+eval(value.(string)))
			}
		}
		var talk strings.Builder
		cmd.Stderr = &talk
		stdout, err := cmd.Output()
		t.Logf("%s: %v\n%s%s", s.text("name"), err, stdout, talk.String())
		j.stdout += string(stdout)
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			j.status = failed.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		outputs := make(map[string]string)
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			name, value, _ := strings.Cut(strings.TrimRight(line, "\n"), "=")
			outputs[name] = value
		}
		j.steps[s.text("id")] = outputs
		if j.status != 0 {
			return
		}
	}
}

func goCache(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// newJob makes a repository with a branch and its merge into main, as GitHub makes
// it of a pull request, and a clone of that merge.
func newJob(t *testing.T, clone ...string) *job {
	t.Helper()
	for _, program := range []string{"git", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s, which the steps of the action are run by", program)
		}
	}
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "1",
		"GIT_CONFIG_KEY_0": "uploadpack.allowAnySHA1InWant", "GIT_CONFIG_VALUE_0": "true", // as GitHub has it
		"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
	} {
		t.Setenv(name, value)
	}
	j := &job{dir: t.TempDir(), given: make(map[string]string), github: map[string]string{"event.repository.default_branch": "main"}}
	origin := filepath.Join(j.dir, "origin")
	if err := errors.Join(os.MkdirAll(filepath.Join(origin, "sub"), 0o777), os.Mkdir(filepath.Join(j.dir, "temp"), 0o777)); err != nil {
		t.Fatal(err)
	}
	const bench = "package work\n\nimport \"testing\"\n\nvar sink int\n\nfunc BenchmarkWork(b *testing.B) {\n\tfor range b.N {\n\t\tfor i := range 20000 {\n\t\t\tsink += i\n\t\t}\n\t}\n}\n"
	for name, text := range map[string]string{"go.mod": "module example.org/work\n\ngo 1.24\n", "work_test.go": bench} {
		if err := os.WriteFile(filepath.Join(origin, "sub", name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	git(t, origin, "init", "-q", "-b", "main")
	git(t, origin, "add", ".")
	git(t, origin, "commit", "-q", "-m", "one")
	git(t, origin, "tag", "v1")
	git(t, origin, "commit", "-q", "--allow-empty", "-m", "two")
	git(t, origin, "checkout", "-q", "-b", "topic", "v1")
	git(t, origin, "commit", "-q", "--allow-empty", "-m", "three")
	git(t, origin, "checkout", "-q", "-b", "merged", "main")
	git(t, origin, "merge", "-q", "--no-ff", "-m", "merge", "topic")
	git(t, j.dir, append(append([]string{"clone", "-q"}, clone...), "--branch=merged", "file://"+origin, "clone")...)
	return j
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestActionFindsAndFetchesRevisions(t *testing.T) {
	shallow, whole := []string{"--depth=1"}, []string{"--single-branch"}
	for _, tt := range []struct {
		name, event string
		clone       []string
		given       string
		before      string
		want        string // a revision of the origin, or the text itself
	}{
		{"what is merged into a topic", "pull_request_target", shallow, "", "", "topic"},
		{"another commit is checked out", "pull_request", whole, "", "", "topic"},
		{"a flag of fetch", "pull_request", shallow, "origin/--upload-pack=touch never;x", "", "origin/--upload-pack=touch never;x"},
		{"a branch to be written", "pull_request", shallow, "+main:main", "", "+main:main"},
		{"what a pull request is merged into", "pull_request", shallow, "", "", "main"},
		{"the same in a whole clone", "pull_request", whole, "", "", "main"},
		{"what a push replaces", "push", shallow, "", "topic", "topic"},
		{"a new branch", "push", shallow, "", strings.Repeat("0", 40), "main"},
		{"by hand", "workflow_dispatch", shallow, "", "", "main"},
		{"a tag", "pull_request", shallow, "v1", "", "v1"},
		{"a branch", "pull_request", whole, "origin/topic", "", "topic"},
		{"a hash", "pull_request", shallow, "", "", "topic"},
		{"before a branch", "pull_request", shallow, "origin/main~1", "", "v1"},
		{"none", "pull_request", shallow, "nosuch", "", "nosuch"},
		{"before the head", "pull_request", shallow, "HEAD~1", "", "main"},
		{"a flag", "pull_request", shallow, "--upload-pack=touch never;x", "", "--upload-pack=touch never;x"},
		{"lines", "pull_request", shallow, "v1\nhead=x", "", "v1head=x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := newJob(t, tt.clone...)
			origin := filepath.Join(j.dir, "origin")
			hash := func(revision string) string {
				out, err := exec.CommandContext(t.Context(), "git", "-C", origin, "rev-parse", "--verify", "-q", "--short=12", "--end-of-options", revision+"^{commit}").Output()
				if err != nil {
					return revision
				}
				return strings.TrimSpace(string(out))
			}
			target, sha := "main", git(t, filepath.Join(j.dir, "clone"), "rev-parse", "HEAD")
			switch tt.name {
			case "what is merged into a topic":
				target = "topic"
			case "another commit is checked out": // which is a merge as well
				target, sha = "topic", strings.Repeat("1", 40)
			}
			j.env = []string{"GITHUB_EVENT_NAME=" + tt.event, "GITHUB_BASE_REF=" + target, "GITHUB_SHA=" + sha}
			j.given["base"] = tt.given
			if tt.name == "a hash" {
				j.given["base"] = git(t, origin, "rev-parse", "topic")
			}
			j.github["event.before"] = tt.before
			if tt.before == "topic" {
				j.github["event.before"] = git(t, origin, "rev-parse", "topic")
			}
			j.run(t, "Find the revisions")
			got := j.steps["revisions"]
			if want := hash(tt.want); got["base"] != want || got["head"] != "" || j.status != 0 {
				t.Errorf("base %q, head %q, status %d, want base %q", got["base"], got["head"], j.status, want)
			}
			if is := git(t, filepath.Join(j.dir, "clone"), "rev-parse", "--is-shallow-repository"); tt.clone[0] == whole[0] && is != "false" {
				t.Error("the clone was whole and is shallow now")
			}
			if _, err := os.Stat(filepath.Join(j.dir, "clone", "never")); err == nil {
				t.Error("what was given was run")
			}
		})
	}
}

func TestActionChecks(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it builds gvp and measures, which takes seconds")
	}
	j := newJob(t, "--depth=1")
	j.env = []string{"GITHUB_EVENT_NAME=pull_request", "GITHUB_BASE_REF=main", "GITHUB_SHA=" + git(t, filepath.Join(j.dir, "clone"), "rev-parse", "HEAD")}
	j.given = map[string]string{
		"head": "HEAD", "bench": "Work|`touch never`$(touch never)", "packages": "./...\n. ", "working-directory": "sub", "max-time": "5m",
		"history": "x.history.jsonl", "junit": "check.xml", "sarif": "check.sarif", "flags": "--sample-time=1ms\n\n--seed=7", "inconclusive": "pass",
	}
	j.run(t)
	got := j.steps["check"]
	if !slices.Contains([]string{"fine", "inconclusive", "regressed"}, got["verdict"]) || got["status"] != map[bool]string{true: "1", false: "0"}[got["verdict"] == "regressed"] {
		t.Errorf("outputs %v", got)
	}
	for _, want := range []string{"base " + git(t, filepath.Join(j.dir, "clone"), "rev-parse", "--short=12", "FETCH_HEAD"), "Work ", "exit status " + got["status"]} {
		if !strings.Contains(j.stdout, want) {
			t.Errorf("it said %s, want %s", j.stdout, want)
		}
	}
	for _, name := range []string{"summary", "clone/sub/x.history.jsonl", "clone/sub/check.xml", "clone/sub/check.sarif"} {
		if info, err := os.Stat(filepath.Join(j.dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(got["results"], "*", "check.json")); err != nil || len(left) != 1 {
		t.Errorf("results %v, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(j.dir, "clone", "sub", "never")); err == nil {
		t.Error("what was given was run")
	}

	// What cannot be compared fails the step, and is said where it is seen.
	j.given, j.stdout = map[string]string{"working-directory": "sub", "base": "nosuch"}, ""
	j.run(t)
	if got := j.steps["check"]; got["verdict"] != "could not measure" || got["status"] != "2" || j.status != 2 || !strings.Contains(j.stdout, "::error title=gvp check::no revision nosuch") {
		t.Errorf("outputs %v, status %d, said %s", got, j.status, j.stdout)
	}
}
