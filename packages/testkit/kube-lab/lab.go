package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// lab is one control plane. All of its methods run on the supervisor's thread; what takes time runs beside it and
// comes back as a step.
type lab struct {
	options     options
	directory   string
	lock        *os.File
	url         string
	kubeconfigs map[string]string
	token       string
	began       time.Time
	timings     map[string]int64

	etcd      *embed.Etcd
	apiServer *component
	others    []*component // controller-manager first
	watched   *readiness
	steps     chan step
	exits     chan exit
}

// step is work that waits for the supervisor's thread; what it returns, if anything, is written as a line.
type step func() (answer any, err error)

// ready is the first line that a supervisor writes.
type ready struct {
	Kubeconfig  string            `json:"kubeconfig"`
	Kubeconfigs map[string]string `json:"kubeconfigs"`
	URL         string            `json:"url"`
	Token       string            `json:"token"`
	Directory   string            `json:"directory"`
	Timings     map[string]int64  `json:"timingsMs"`
}

func createLab(options options) (*lab, error) {
	began := time.Now()
	if options.port == 0 {
		port, err := freePort(options.bindAddress)
		if err != nil {
			return nil, err
		}
		options.port = port
	}
	root := labRoot()
	sweepDirectories(root)
	directory, lock, err := createDirectory(root)
	if err != nil {
		return nil, err
	}
	return &lab{
		options: options, directory: directory, lock: lock, token: rand.Text(), began: began,
		url:         "https://" + net.JoinHostPort(options.bindAddress, strconv.Itoa(options.port)),
		kubeconfigs: map[string]string{}, timings: map[string]int64{},
		steps: make(chan step), exits: make(chan exit, 16),
	}, nil
}

func (l *lab) start() error {
	if err := l.writeCredentials(); err != nil {
		return err
	}
	l.mark("credentials")
	var err error
	if l.etcd, err = startEtcd(l.directory); err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	l.mark("etcd")
	l.apiServer = newComponent(l.directory, "kube-apiserver", apiServerFlags(l.directory, l.options)...)
	l.others = []*component{newComponent(l.directory, "kube-controller-manager",
		controllerManagerFlags(l.directory, l.kubeconfigs["controller-manager"])...)}
	if l.options.scheduler {
		l.others = append(l.others, newComponent(l.directory, "kube-scheduler", schedulerFlags(l.kubeconfigs["scheduler"])...))
	}
	if l.watched, err = watchReadiness(l.kubeconfigs["admin"]); err != nil {
		return err
	}
	if err := l.apiServer.start(l.exits); err != nil {
		return err
	}
	l.later(l.watched.apiServer, l.startOthers)
	return nil
}

func (l *lab) writeCredentials() error {
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	if err := ca.writeServerCredentials(l.directory, l.token, net.ParseIP(l.options.bindAddress)); err != nil {
		return err
	}
	for identity := range identities {
		if l.kubeconfigs[identity], err = ca.writeKubeconfig(l.directory, identity, l.url); err != nil {
			return err
		}
	}
	return nil
}

func (l *lab) startOthers(err error) (any, error) {
	if err != nil {
		return nil, err
	}
	l.mark("apiServer")
	for _, other := range l.others {
		if err := other.start(l.exits); err != nil {
			return nil, err
		}
	}
	l.later(l.watched.serviceAccount, l.announceReady)
	return nil, nil
}

func (l *lab) announceReady(err error) (any, error) {
	if err != nil {
		return nil, err
	}
	l.mark("ready")
	return ready{l.kubeconfigs["admin"], l.kubeconfigs, l.url, l.token, l.directory, l.timings}, nil
}

// handle does what one request asks for; each is answered by one line.
func (l *lab) handle(request request) {
	answer := func(err error) {
		l.later(func() error { return nil }, func(error) (any, error) { return replyTo(request, 0, err), nil })
	}
	switch request.Do {
	case "killApiServer":
		l.apiServer.kill()
		answer(nil)
	case "startApiServer":
		if l.apiServer.process != nil {
			answer(errors.New("the API server runs already"))
		} else if err := l.apiServer.start(l.exits); err != nil {
			answer(err)
		} else {
			l.later(l.watched.apiServer, func(err error) (any, error) { return replyTo(request, 0, err), nil })
		}
	case "pauseApiServer":
		answer(l.apiServer.signal(syscall.SIGSTOP))
	case "resumeApiServer":
		answer(l.apiServer.signal(syscall.SIGCONT))
	case "compactEtcd":
		var revision int64
		l.later(func() (err error) { revision, err = compactEtcd(l.etcd); return err },
			func(err error) (any, error) { return replyTo(request, revision, err), nil })
	default:
		answer(fmt.Errorf("unknown request %q", request.Do))
	}
}

func replyTo(request request, revision int64, err error) reply {
	if err != nil {
		return reply{ID: request.ID, Error: err.Error()}
	}
	return reply{ID: request.ID, Revision: revision}
}

// later does the work beside the supervisor's thread and comes back to it with the outcome.
func (l *lab) later(work func() error, then func(error) (any, error)) {
	go func() {
		err := work()
		l.steps <- func() (any, error) { return then(err) }
	}()
}

func (l *lab) mark(name string) { l.timings[name] = time.Since(l.began).Milliseconds() }

// tearDown leaves nothing behind. The data is dropped, so nobody needs time to say goodbye.
func (l *lab) tearDown() {
	for _, component := range append([]*component{l.apiServer}, l.others...) {
		if component != nil {
			component.kill()
		}
	}
	if l.etcd != nil {
		l.etcd.Server.HardStop()
	}
	for range 3 { // etcd's last goroutines may still be creating a file
		if os.RemoveAll(l.directory) == nil {
			break
		}
	}
	l.lock.Close()
}
