package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

type options struct {
	bindAddress    string
	port           int
	scheduler      bool
	apiServerFlags []string
}

// request is a line on standard input; reply, with the same id, is the line on standard output that answers it.
type request struct {
	ID int    `json:"id"`
	Do string `json:"do"`
}

type reply struct {
	ID       int    `json:"id"`
	Error    string `json:"error,omitempty"`
	Revision int64  `json:"revision,omitempty"`
}

// runUp is the supervisor of one control plane. It lives until its standard input closes, which is also how it learns
// that whoever started it has died, and takes everything with it.
func runUp(args []string) int {
	runtime.LockOSThread() // see component.start
	options, err := parseOptions(args)
	if err != nil {
		return 2 // the flag package has said why
	}
	if err := supervise(options); err != nil {
		fmt.Fprintln(os.Stderr, "kube-lab:", err)
		return 1
	}
	return 0
}

func parseOptions(args []string) (options, error) {
	var parsed options
	flags := flag.NewFlagSet("kube-lab up", flag.ContinueOnError)
	parsed.bindAddress = "127.0.0.1"
	flags.Func("bind-address", "where the API server listens (default 127.0.0.1)", func(value string) error {
		if net.ParseIP(value) == nil {
			return errors.New("not an IP address")
		}
		parsed.bindAddress = value
		return nil
	})
	flags.IntVar(&parsed.port, "port", 0, "the API server's port (0: a free one)")
	flags.BoolVar(&parsed.scheduler, "scheduler", false, "run kube-scheduler, too")
	flags.Func("apiserver-flag", "one more flag for kube-apiserver, repeatable", func(value string) error {
		parsed.apiServerFlags = append(parsed.apiServerFlags, value)
		return nil
	})
	return parsed, flags.Parse(args)
}

func supervise(options options) error {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	requests := readRequests()

	lab, err := createLab(options)
	if err != nil {
		return err
	}
	defer lab.tearDown()
	if err := lab.start(); err != nil {
		return err
	}
	answers := json.NewEncoder(os.Stdout)
	for {
		select {
		case request, open := <-requests:
			if !open {
				return nil
			}
			lab.handle(request)
		case <-interrupted:
			return nil
		case step := <-lab.steps:
			answer, err := step()
			if err != nil {
				return err
			}
			if answer == nil {
				continue
			}
			if err := answers.Encode(answer); err != nil {
				return err // nobody reads any more
			}
		case exit := <-lab.exits:
			if exit.component.process == exit.process {
				return fmt.Errorf("%s ended by itself (%s); its last words:\n%s",
					exit.component.name, exit.state, exit.component.lastWords())
			}
		}
	}
}

func readRequests() <-chan request {
	requests := make(chan request)
	go func() {
		defer close(requests)
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			var parsed request
			if json.Unmarshal(lines.Bytes(), &parsed) == nil {
				requests <- parsed
			}
		}
	}()
	return requests
}
