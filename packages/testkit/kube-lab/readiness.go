package main

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	readinessPoll  = 20 * time.Millisecond
	readinessLimit = 120 * time.Second // a machine that is busy with builds is slow, not broken
)

// readiness asks the API server whether it serves, as its administrator.
type readiness struct{ client *kubernetes.Clientset }

func watchReadiness(kubeconfig string) (*readiness, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.Timeout = 5 * time.Second
	config.RateLimiter = nil
	config.QPS = -1
	client, err := kubernetes.NewForConfig(rest.AddUserAgent(config, "kube-lab"))
	return &readiness{client}, err
}

// apiServer returns once /readyz says ok: RBAC's own roles are there, and so are the system namespaces.
func (r *readiness) apiServer() error {
	return r.until("the API server did not become ready", func(context context.Context) error {
		return r.client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(context).Error()
	})
}

// serviceAccount returns once Pods can be created: admission refuses them before their ServiceAccount exists.
func (r *readiness) serviceAccount() error {
	return r.until("no ServiceAccount was made", func(context context.Context) error {
		_, err := r.client.CoreV1().ServiceAccounts("default").Get(context, "default", metav1.GetOptions{})
		return err
	})
}

func (r *readiness) until(complaint string, ask func(context.Context) error) error {
	limit, cancel := context.WithTimeout(context.Background(), readinessLimit)
	defer cancel()
	for {
		err := ask(limit)
		if err == nil {
			return nil
		}
		select {
		case <-limit.Done():
			return fmt.Errorf("%s within %s: %w", complaint, readinessLimit, err)
		case <-time.After(readinessPoll):
		}
	}
}
