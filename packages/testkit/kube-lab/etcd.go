package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/storage/wal"
)

// startEtcd runs etcd inside this process, on unix sockets only: no port is open, and no two labs can clash.
func startEtcd(directory string) (*embed.Etcd, error) {
	wal.SegmentSizeBytes = 8 << 20 // 64 MiB are preallocated otherwise, twice, and the folder may be in memory

	config := embed.NewConfig()
	config.Name = "kube-lab"
	config.Dir = filepath.Join(directory, "etcd")
	config.ListenClientUrls = []url.URL{etcdSocket(directory, "c")}
	config.ListenPeerUrls = []url.URL{etcdSocket(directory, "p")}
	// An advertised address must have a host; nobody dials those of the only member.
	nowhere := url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	config.AdvertiseClientUrls = []url.URL{nowhere}
	config.AdvertisePeerUrls = []url.URL{nowhere}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.TickMs, config.ElectionMs = 10, 100 // it has nobody to wait for
	config.UnsafeNoFsync = true
	config.QuotaBackendBytes = 4 << 30
	config.LogLevel = "error"
	config.LogOutputs = []string{filepath.Join(directory, "etcd.log")}

	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd, nil
	case err := <-etcd.Err():
		return nil, err
	case <-time.After(30 * time.Second):
		return nil, fmt.Errorf("etcd was not ready after 30 s")
	}
}

// etcdSocket gives the name of a socket; it must stay short, the kernel allows 107 octets.
func etcdSocket(directory, name string) url.URL {
	return url.URL{Scheme: "unix", Path: filepath.Join(directory, name)}
}

// compactEtcd drops every revision but the present one, as a cluster does every five minutes, and returns it.
func compactEtcd(etcd *embed.Etcd) (int64, error) {
	context, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	revision := etcd.Server.KV().Rev()
	_, err := etcd.Server.Compact(context, &etcdserverpb.CompactionRequest{Revision: revision, Physical: true})
	return revision, err
}
