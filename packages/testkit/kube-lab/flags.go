package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	clusterRanges = "10.96.0.0/16,fd00:96::/112"
	// Thousands of LoadBalancer Services want a node port each; Kubernetes' own range has 2,768. The end stays below
	// the ports that the kernel gives to outgoing connections.
	nodePortRange = "10000-32767"
)

// What a cluster needs in which Services, Pods and Nodes are all that moves.
var controllersRun = []string{
	"clusterrole-aggregation-controller", "daemonset-controller", "deployment-controller", "endpoints-controller",
	"endpointslice-controller", "endpointslice-mirroring-controller", "garbage-collector-controller",
	"namespace-controller", "node-lifecycle-controller", "pod-garbage-collector-controller", "replicaset-controller",
	"root-ca-certificate-publisher-controller", "serviceaccount-controller", "serviceaccount-token-controller",
	"taint-eviction-controller",
}

func apiServerFlags(directory string, options options) []string {
	in := func(name string) string { return filepath.Join(directory, name) }
	etcd := etcdSocket(directory, "c")
	return append([]string{
		"--bind-address=" + options.bindAddress,
		"--secure-port=" + strconv.Itoa(options.port),
		// Not loopback, and no endpoint for it: otherwise it needs a default route to find an address of its own.
		"--advertise-address=192.0.2.1",
		"--endpoint-reconciler-type=none",
		"--etcd-servers=" + etcd.String(),
		"--etcd-compaction-interval=0", // compaction happens when it is asked for
		"--service-cluster-ip-range=" + clusterRanges,
		"--service-node-port-range=" + nodePortRange,
		"--allow-privileged",
		"--authorization-mode=Node,RBAC",
		"--enable-aggregator-routing", // webhooks are dialled at their endpoints: no kube-proxy here serves a ClusterIP
		"--cert-dir=" + directory,
		"--tls-cert-file=" + in("apiserver.crt"),
		"--tls-private-key-file=" + in("apiserver.key"),
		"--client-ca-file=" + in("ca.crt"),
		"--token-auth-file=" + in("tokens.csv"),
		"--service-account-key-file=" + in("service-account.key"),
		"--service-account-signing-key-file=" + in("service-account.key"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--profiling=false",
	}, options.apiServerFlags...)
}

func controllerManagerFlags(directory, kubeconfig string) []string {
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
		// Under RBAC each controller has its own ServiceAccount's rights; the component itself has next to none.
		"--use-service-account-credentials",
		"--controllers=" + strings.Join(controllersRun, ","),
		"--service-account-private-key-file=" + filepath.Join(directory, "service-account.key"),
		"--root-ca-file=" + filepath.Join(directory, "ca.crt"),
		"--node-monitor-period=1s",
		"--node-monitor-grace-period=6s",
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
		"--profiling=false",
	}
}

func schedulerFlags(kubeconfig string) []string {
	return []string{
		"--kubeconfig=" + kubeconfig, "--leader-elect=false", "--secure-port=0",
		"--kube-api-qps=500", "--kube-api-burst=1000", "--profiling=false",
	}
}

// freePort chooses above the range from which the kernel serves outgoing connections, so that the port is still free
// when a killed API server comes back to it.
func freePort(bindAddress string) (int, error) {
	for range 50 {
		port := 61000 + rand.IntN(4500)
		listener, err := net.Listen("tcp", net.JoinHostPort(bindAddress, strconv.Itoa(port)))
		if err == nil {
			return port, listener.Close()
		}
	}
	return 0, fmt.Errorf("no free port at %s", bindAddress)
}
