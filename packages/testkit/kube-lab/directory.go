package main

import (
	"os"
	"path/filepath"
	"syscall"
)

const directoryPattern = "kube-lab-*"

// A lab writes some hundred MiB; where less than this is free in memory (containers get 64 MiB), the disk has to do.
const memoryWanted = 512 << 20

// labRoot must be short: the kernel allows a unix socket's path 107 octets.
func labRoot() string {
	var status syscall.Statfs_t
	const memory = "/dev/shm"
	if syscall.Statfs(memory, &status) == nil && status.Bavail*uint64(status.Bsize) >= memoryWanted {
		return memory
	}
	return os.TempDir()
}

// createDirectory makes the folder of one lab and locks it: a folder that can be locked has lost its owner. The lock
// holds until the handle is closed or the process ends.
func createDirectory(root string) (string, *os.File, error) {
	for {
		directory, err := os.MkdirTemp(root, directoryPattern)
		if err != nil {
			return "", nil, err
		}
		if lock, err := lockDirectory(directory); err == nil && exists(directory) {
			return directory, lock, nil
		}
		// Another lab's sweep took it between the two calls.
	}
}

// sweepDirectories removes what labs left behind that were ended by SIGKILL or by the machine. What cannot be removed
// belongs to another user and harms nobody.
func sweepDirectories(root string) {
	directories, _ := filepath.Glob(filepath.Join(root, directoryPattern))
	for _, directory := range directories {
		if lock, err := lockDirectory(directory); err == nil {
			_ = os.RemoveAll(directory)
			lock.Close()
		}
	}
}

func lockDirectory(directory string) (*os.File, error) {
	handle, err := os.Open(directory)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(handle.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		handle.Close()
		return nil, err
	}
	return handle, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
