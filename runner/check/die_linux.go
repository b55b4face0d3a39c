package check

import (
	"os/exec"
	"syscall"
)

// dieWithUs has the kernel end the process when the thread that started it does,
// as when the tool is killed: it watches nothing of ours by itself.
func dieWithUs(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL }
