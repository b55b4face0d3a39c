package workloads

import "time"

// Sleep is a stand-in for waiting: on a network, a disk, another program.
var Sleep = Workload{
	Name: "sleep",
	Help: "wait, and do nothing",
	Note: "The time over and above the duration is how late the runtime's and the system's timers are.",
	Params: []Param{
		Duration("duration", 10*time.Millisecond, time.Microsecond, time.Hour, "time to wait in each unit"),
	},
	New: newSleep,
}

func newSleep(v Values) (Job, error) {
	duration := v.Duration("duration")
	return Job{NewWorker: func(int) (Worker, error) {
		return UnitFunc(func(i uint64) (uint64, error) {
			time.Sleep(duration)
			return mix(i), nil
		}), nil
	}}, nil
}
