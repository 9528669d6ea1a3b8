package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// component is one program of Kubernetes, run as a child of the supervisor from the supervisor's own file.
type component struct {
	name    string
	args    []string
	logPath string
	process *os.Process   // nil while it is not meant to run
	gone    chan struct{} // closed once the process has been waited for
}

// exit says that a process ended which was meant to run.
type exit struct {
	component *component
	process   *os.Process
	state     string
}

func newComponent(directory, name string, args ...string) *component {
	return &component{name: name, args: args, logPath: filepath.Join(directory, name+".log")}
}

// start must be called on the supervisor's locked thread: the kernel sends the death signal when the thread that
// forked ends, not when the process does.
func (c *component) start(exits chan<- exit) error {
	log, err := os.OpenFile(c.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command("/proc/self/exe", c.args...)
	command.Args[0] = c.name
	command.Stdout, command.Stderr = log, log
	// A process group of its own: Ctrl-C on a terminal is for the supervisor, which ends the component with SIGKILL.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := command.Start(); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	process, gone := command.Process, make(chan struct{})
	c.process, c.gone = process, gone
	go func() {
		_ = command.Wait()
		close(gone)
		exits <- exit{c, process, command.ProcessState.String()}
	}()
	return nil
}

// kill ends it without any grace, as a crash would, and returns when it is gone.
func (c *component) kill() {
	if c.process == nil {
		return
	}
	process := c.process
	c.process = nil
	_ = process.Kill()
	<-c.gone
}

func (c *component) signal(signal os.Signal) error {
	if c.process == nil {
		return fmt.Errorf("%s does not run", c.name)
	}
	return c.process.Signal(signal)
}

// lastWords returns the end of its log, for a person who has to find out why it ended.
func (c *component) lastWords() string {
	log, _ := os.ReadFile(c.logPath)
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}
