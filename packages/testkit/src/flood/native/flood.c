/*
 * Sends Ethernet frames as fast as asked: the storm in tests of ARP, and the load in soaks.
 *
 *   cc -O2 -Wall -Wextra -Werror -o flood flood.c
 *   flood INTERFACE COUNT RATE FIRST-IPV4 LAST-IPV4 [ETHERTYPE]
 *
 * Frame n is a broadcast ARP request (RFC 826) for the n-th address of the range, over and over, from 02:00:5e:10:00:00 and
 * 192.0.2.222. RATE is in frames per second; 0 is as fast as the kernel takes them. ETHERTYPE (hexadecimal, 0806 if not given)
 * changes only that field. Prints what was sent and how long it took; frames that the kernel had no room for are sent again.
 */
#define _GNU_SOURCE /* sendmmsg */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { FRAME_OCTETS = 60, BATCH = 64 };

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int fail(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc < 6) {
		fprintf(stderr, "usage: flood INTERFACE COUNT RATE FIRST-IPV4 LAST-IPV4 [ETHERTYPE]\n");
		return 2;
	}
	const unsigned long count = strtoul(argv[2], NULL, 10);
	const double rate = strtod(argv[3], NULL);
	struct in_addr first, last;
	const unsigned long ether_type = argc > 6 ? strtoul(argv[6], NULL, 16) : ETH_P_ARP;
	if (inet_pton(AF_INET, argv[4], &first) != 1 || inet_pton(AF_INET, argv[5], &last) != 1 ||
	    ntohl(first.s_addr) > ntohl(last.s_addr) || ether_type == 0 || ether_type > 0xffff) {
		fprintf(stderr, "flood: not a range of IPv4 addresses or not an EtherType\n");
		return 2;
	}
	const uint64_t range = (uint64_t)ntohl(last.s_addr) - ntohl(first.s_addr) + 1;

	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(argv[1]) };
	if (address.sll_ifindex == 0)
		return fail(argv[1]);
	int fd = socket(AF_PACKET, SOCK_RAW, 0); /* protocol 0 receives nothing */
	if (fd < 0)
		return fail("socket");
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return fail("bind");

	static const unsigned char head[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff,                         /* to everybody */
		0x02, 0x00, 0x5e, 0x10, 0x00, 0x00, 0, 0,                   /* from, EtherType */
		0, 1, 8, 0, 6, 4, 0, 1,                                     /* Ethernet, IPv4, request */
		0x02, 0x00, 0x5e, 0x10, 0x00, 0x00, 192, 0, 2, 222,         /* sender */
		0, 0, 0, 0, 0, 0,                                           /* target: MAC, then address at 38 */
	};
	static unsigned char frames[BATCH][FRAME_OCTETS];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH];
	memset(messages, 0, sizeof messages);
	for (int i = 0; i < BATCH; i++) {
		memcpy(frames[i], head, sizeof head);
		frames[i][12] = (unsigned char)(ether_type >> 8);
		frames[i][13] = (unsigned char)ether_type;
		parts[i] = (struct iovec){ frames[i], FRAME_OCTETS };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}

	const double start = seconds();
	unsigned long sent = 0;
	while (sent < count) {
		unsigned long due = count - sent;
		if (rate > 0) {
			const double allowed = (seconds() - start) * rate + 1;
			if (allowed <= (double)sent) {
				nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
				continue;
			}
			if (due > (unsigned long)allowed - sent)
				due = (unsigned long)allowed - sent;
		}
		if (due > BATCH)
			due = BATCH;
		if (due == 0)
			continue;
		for (unsigned long i = 0; i < due; i++) {
			const uint32_t target = htonl(ntohl(first.s_addr) + (uint32_t)((sent + i) % range));
			memcpy(frames[i] + 38, &target, sizeof target);
		}
		const int done = sendmmsg(fd, messages, (unsigned int)due, 0);
		if (done > 0)
			sent += (unsigned long)done;
		else if (errno == ENOBUFS || errno == EAGAIN || errno == EINTR)
			poll(NULL, 0, 1);
		else
			return fail("sendmmsg");
	}
	const double took = seconds() - start;
	printf("{\"framesSent\":%lu,\"seconds\":%.3f,\"framesPerSecond\":%.0f}\n", sent, took, took > 0 ? (double)sent / took : 0);
	return 0;
}
