package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
)

// runRelay passes connections on. Inside a network namespace that has no way to the API server,
// `kube-lab relay --listen=127.0.0.1:6443 --to=/dev/shm/kube-lab-1/a` is that way: a unix socket is found by its path,
// whatever the namespace. So a test may cut every wire between its nodes and keep the API, or end the relay and take
// away the API alone.
func runRelay(args []string) int {
	flags := flag.NewFlagSet("kube-lab relay", flag.ContinueOnError)
	listen := flags.String("listen", "", "host:port, or the path of a unix socket, to accept connections at")
	to := flags.String("to", "", "host:port, or the path of a unix socket, to pass them on to")
	if flags.Parse(args) != nil {
		return 2
	}
	listener, err := net.Listen(network(*listen), *listen)
	if err == nil {
		fmt.Println("listening at", *listen)
		err = serveRelay(listener, *to)
	}
	fmt.Fprintln(os.Stderr, "kube-lab:", err)
	return 1
}

func network(address string) string {
	if strings.HasPrefix(address, "/") {
		return "unix"
	}
	return "tcp"
}

func serveRelay(listener net.Listener, to string) error {
	for {
		caller, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		if err == nil {
			go relay(caller, to)
		}
	}
}

func relay(caller net.Conn, to string) {
	defer caller.Close()
	called, err := net.Dial(network(to), to)
	if err != nil {
		return // the caller sees its connection closed, as by an API server that is going down
	}
	defer called.Close()
	done := make(chan struct{}, 2)
	pump := func(into, from net.Conn) {
		_, _ = io.Copy(into, from)
		if half, ok := into.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		done <- struct{}{}
	}
	go pump(called, caller)
	go pump(caller, called)
	<-done
	<-done
}
