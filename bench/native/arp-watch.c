/*
 * When each address is first announced: the first gratuitous ARP (sender and target address are the same) for each.
 *
 *   arp-watch INTERFACE
 *
 * Prints `watching`, then a line for each address: it, and the nanoseconds of CLOCK_MONOTONIC at which the kernel had the frame.
 * Addresses are told apart by their last 24 bits. Runs until it is killed.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { FRAME_OCTETS = 60, RECEIVE_BUFFER_OCTETS = 64 << 20 };

static int64_t now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int fail(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	static unsigned char seen[1 << 21];
	if (argc != 2) {
		fprintf(stderr, "usage: arp-watch INTERFACE\n");
		return 2;
	}
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP),
				    .sll_ifindex = (int)if_nametoindex(argv[1]) };
	if (link.sll_ifindex == 0)
		return fail(argv[1]);
	const int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1, octets = RECEIVE_BUFFER_OCTETS;
	if (fd < 0)
		return fail("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0)
		return fail("setsockopt");
	if (bind(fd, (struct sockaddr *)&link, sizeof link) < 0)
		return fail("bind");
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("watching");

	for (;;) {
		unsigned char frame[FRAME_OCTETS];
		char control[CMSG_SPACE(sizeof(struct timespec))], text[INET_ADDRSTRLEN];
		struct iovec part = { frame, sizeof frame };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
					  .msg_controllen = sizeof control };
		if (recvmsg(fd, &message, 0) < 42 || memcmp(frame + 28, frame + 38, 4) != 0)
			continue;
		const uint32_t index = (uint32_t)frame[29] << 16 | (uint32_t)frame[30] << 8 | frame[31];
		if ((seen[index >> 3] & (1 << (index & 7))) != 0)
			continue;
		seen[index >> 3] |= (unsigned char)(1 << (index & 7));
		const int64_t monotonic = now(CLOCK_MONOTONIC), real = now(CLOCK_REALTIME);
		int64_t stamped = real;
		for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each != NULL; each = CMSG_NXTHDR(&message, each)) {
			if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS)
				continue;
			struct timespec stamp;
			memcpy(&stamp, CMSG_DATA(each), sizeof stamp);
			stamped = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
		}
		inet_ntop(AF_INET, frame + 28, text, sizeof text);
		printf("%s %lld\n", text, (long long)(monotonic - (real - stamped)));
	}
}
