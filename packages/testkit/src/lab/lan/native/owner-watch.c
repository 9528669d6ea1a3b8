/*
 * Who owns addresses, as a host on the link sees it: who answers for them, and who announces them.
 *
 *   owner-watch INTERFACE SENDER-IPV4 SENDER-IPV6 INTERVAL-MICROS < ADDRESSES
 *
 * Asks for each address of standard input (one a line) once per interval: by a broadcast ARP request (RFC 826), or by a
 * Neighbor Solicitation to the solicited-node address (RFC 4861, section 7.2.2). An interval of 0 asks for nothing. The
 * kernel's neighbour tables have no part in it. Prints `watching`, then
 *
 *   q NANOSECONDS ROUND               a round of requests begins
 *   r NANOSECONDS ROUND ADDRESS MAC   an answer to this host, in the round in which it arrived
 *   a NANOSECONDS 0 ADDRESS MAC       a gratuitous ARP, or a Neighbor Advertisement to all nodes
 *
 * by the time stamp of the kernel, told by CLOCK_MONOTONIC. Runs until it is killed.
 */
#define _GNU_SOURCE
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
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

enum {
	ARP_OCTETS = 60,
	SOLICITATION_OCTETS = 86,
	FRAME_OCTETS = 256,
	MOST_ADDRESSES = 1 << 14,
	RECEIVE_BUFFER_OCTETS = 32 << 20,
};

struct address {
	int family;
	unsigned char octets[16];
	char text[INET6_ADDRSTRLEN];
};

static struct address addresses[MOST_ADDRESSES];
static size_t known;
static unsigned char my_mac[6], my_ipv4[4], my_ipv6[16];

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

static const struct address *find(int family, const unsigned char *octets)
{
	const size_t length = family == AF_INET ? 4 : 16;
	for (size_t i = 0; i < known; i++)
		if (addresses[i].family == family && memcmp(addresses[i].octets, octets, length) == 0)
			return &addresses[i];
	return NULL;
}

static void arp_request(unsigned char *frame, const unsigned char *target)
{
	static const unsigned char fixed[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 1 };
	memset(frame, 0, ARP_OCTETS);
	memset(frame, 0xff, 6);
	memcpy(frame + 6, my_mac, 6);
	memcpy(frame + 12, fixed, sizeof fixed);
	memcpy(frame + 22, my_mac, 6);
	memcpy(frame + 28, my_ipv4, 4);
	memcpy(frame + 38, target, 4);
}

static uint16_t checksum(const unsigned char *octets, size_t length, uint32_t sum)
{
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)octets[i] << 8 | octets[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void solicitation(unsigned char *frame, const unsigned char *target)
{
	static const unsigned char solicited_node[16] = { 0xff, 2, [11] = 1, 0xff };
	enum { PAYLOAD = 32, NEXT_HEADER_ICMPV6 = 58 };
	memset(frame, 0, SOLICITATION_OCTETS);
	frame[0] = frame[1] = 0x33;
	frame[2] = 0xff;
	memcpy(frame + 3, target + 13, 3);
	memcpy(frame + 6, my_mac, 6);
	frame[12] = 0x86;
	frame[13] = 0xdd;
	unsigned char *ip = frame + 14, *icmp = frame + 54;
	ip[0] = 0x60;
	ip[5] = PAYLOAD;
	ip[6] = NEXT_HEADER_ICMPV6;
	ip[7] = 255;
	memcpy(ip + 8, my_ipv6, 16);
	memcpy(ip + 24, solicited_node, 13);
	memcpy(ip + 37, target + 13, 3);
	icmp[0] = 135;
	memcpy(icmp + 8, target, 16);
	icmp[24] = 1; /* source link-layer address */
	icmp[25] = 1;
	memcpy(icmp + 26, my_mac, 6);
	const uint16_t pseudo = (uint16_t)~checksum(ip + 8, 32, PAYLOAD + NEXT_HEADER_ICMPV6);
	const uint16_t sum = checksum(icmp, PAYLOAD, pseudo);
	icmp[2] = (unsigned char)(sum >> 8);
	icmp[3] = (unsigned char)sum;
}

static void report(char kind, int64_t ns, unsigned long round, const struct address *address, const unsigned char *mac)
{
	if (address != NULL)
		printf("%c %lld %lu %s %02x:%02x:%02x:%02x:%02x:%02x\n", kind, (long long)ns, kind == 'r' ? round : 0,
		       address->text, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void read_arp(const unsigned char *frame, int64_t ns, unsigned long round)
{
	const struct address *address = find(AF_INET, frame + 28);
	if (memcmp(frame + 28, frame + 38, 4) == 0)
		report('a', ns, round, address, frame + 22);
	else if (frame[20] == 0 && frame[21] == 2 && memcmp(frame + 32, my_mac, 6) == 0)
		report('r', ns, round, address, frame + 22);
}

static void read_advertisement(const unsigned char *frame, size_t length, int64_t ns, unsigned long round)
{
	/* Without extension headers, hop limit 255 (RFC 4861, section 7.1.2), type 136. */
	if (length < 78 || frame[20] != 58 || frame[21] != 255 || frame[54] != 136)
		return;
	const unsigned char *mac = frame + 6; /* unless it says where the target is (option 2) */
	if (length >= 86 && frame[78] == 2 && frame[79] == 1)
		mac = frame + 80;
	const struct address *address = find(AF_INET6, frame + 62);
	if (frame[38] == 0xff)
		report('a', ns, round, address, mac);
	else if (memcmp(frame + 38, my_ipv6, 16) == 0)
		report('r', ns, round, address, mac);
}

static void read_all(int fd, unsigned long round)
{
	for (;;) {
		unsigned char frame[FRAME_OCTETS];
		char control[CMSG_SPACE(sizeof(struct timespec))];
		struct iovec part = { frame, sizeof frame };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
					  .msg_controllen = sizeof control };
		const ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
		if (length < 0)
			return;
		const int64_t real = now(CLOCK_REALTIME);
		int64_t stamped = real;
		for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each != NULL; each = CMSG_NXTHDR(&message, each)) {
			if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS)
				continue;
			struct timespec stamp;
			memcpy(&stamp, CMSG_DATA(each), sizeof stamp);
			stamped = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
		}
		const int64_t ns = now(CLOCK_MONOTONIC) - (real - stamped);
		if (length >= 42 && frame[12] == 8 && frame[13] == 6)
			read_arp(frame, ns, round);
		else if (length >= 78 && frame[12] == 0x86 && frame[13] == 0xdd)
			read_advertisement(frame, (size_t)length, ns, round);
	}
}

static void ask(int fd, const struct address *address)
{
	unsigned char frame[SOLICITATION_OCTETS];
	if (address->family == AF_INET)
		arp_request(frame, address->octets);
	else
		solicitation(frame, address->octets);
	/* A cable that is cut refuses it: then nobody answers either. */
	if (send(fd, frame, address->family == AF_INET ? ARP_OCTETS : SOLICITATION_OCTETS, 0) < 0)
		return;
}

int main(int argc, char **argv)
{
	char line[64];
	if (argc != 5 || inet_pton(AF_INET, argv[2], my_ipv4) != 1 || inet_pton(AF_INET6, argv[3], my_ipv6) != 1) {
		fprintf(stderr, "usage: owner-watch INTERFACE SENDER-IPV4 SENDER-IPV6 INTERVAL-MICROS < ADDRESSES\n");
		return 2;
	}
	while (known < MOST_ADDRESSES && fgets(line, sizeof line, stdin) != NULL) {
		struct address *address = &addresses[known];
		line[strcspn(line, "\n")] = '\0';
		address->family = strchr(line, ':') == NULL ? AF_INET : AF_INET6;
		if (inet_pton(address->family, line, address->octets) != 1)
			continue;
		inet_ntop(address->family, address->octets, address->text, sizeof address->text);
		known++;
	}
	if (known == 0) {
		fprintf(stderr, "owner-watch: no addresses on standard input\n");
		return 2;
	}

	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
				    .sll_ifindex = (int)if_nametoindex(argv[1]) };
	if (link.sll_ifindex == 0)
		return fail(argv[1]);
	const int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1, octets = RECEIVE_BUFFER_OCTETS;
	if (fd < 0)
		return fail("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0)
		return fail("setsockopt");
	if (bind(fd, (struct sockaddr *)&link, sizeof link) < 0)
		return fail("bind");
	struct ifreq hardware;
	memset(&hardware, 0, sizeof hardware);
	snprintf(hardware.ifr_name, sizeof hardware.ifr_name, "%s", argv[1]);
	if (ioctl(fd, SIOCGIFHWADDR, &hardware) < 0)
		return fail("SIOCGIFHWADDR");
	memcpy(my_mac, hardware.ifr_hwaddr.sa_data, 6);
	puts("watching");
	fflush(stdout);

	const int64_t step = strtoll(argv[4], NULL, 10) * 1000 / (int64_t)known;
	const int64_t idle = 1000000000;
	unsigned long asked = 0;
	int64_t due = now(CLOCK_MONOTONIC) + step;
	for (;;) {
		const int64_t left = step == 0 ? idle : due - now(CLOCK_MONOTONIC);
		if (left > 0) {
			const struct timespec wait = { .tv_sec = left / 1000000000, .tv_nsec = left % 1000000000 };
			if (ppoll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, &wait, NULL) < 0 && errno != EINTR)
				return fail("ppoll");
		}
		read_all(fd, asked == 0 ? 0 : (asked - 1) / known);
		if (step != 0 && now(CLOCK_MONOTONIC) >= due) {
			if (asked % known == 0)
				printf("q %lld %lu\n", (long long)now(CLOCK_MONOTONIC), asked / known);
			ask(fd, &addresses[asked % known]);
			asked++;
			due += step;
			if (due < now(CLOCK_MONOTONIC)) /* never faster than asked, to catch up */
				due = now(CLOCK_MONOTONIC) + step;
		}
		if (step == 0 || asked % known == 0)
			fflush(stdout);
	}
}
