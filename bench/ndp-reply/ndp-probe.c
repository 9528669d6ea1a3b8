/*
 * How long two hosts' answers to Neighbor Solicitations take: the one that is compared with, and the one that is measured, in turn.
 *
 *   ndp-probe INTERFACE SENDER-IPV6 COMPARED-IPV6 COUNT RATE SEED < ADDRESSES
 *
 * Sends COUNT solicitations (RFC 4861, section 4.3) to the solicited-node address of COMPARED-IPV6 and COUNT for addresses that
 * are drawn from standard input (one a line), alternately, RATE a second. Prints a line for each: `c` (compared) or `m`
 * (measured), and the nanoseconds from before send(2) until the kernel had the advertisement (SO_TIMESTAMPNS), and until this
 * program had it; `lost` where none came in 100 ms.
 */
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

enum { FRAME_OCTETS = 86, MOST_ADDRESSES = 1 << 16, ANSWER_TIMEOUT_MS = 100, PAYLOAD = 32, ICMPV6 = 58 };

typedef unsigned char ipv6[16];

static ipv6 addresses[MOST_ADDRESSES];

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

/* xorshift64: the same solicitations each time for the same seed. */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static uint32_t sum_of(const unsigned char *octets, size_t length)
{
	uint32_t sum = 0;
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)octets[i] << 8 | octets[i + 1];
	return sum;
}

/* Fills in the target of a solicitation whose other fields stand. */
static void aim(unsigned char *frame, const unsigned char *target)
{
	static const unsigned char solicited_node[13] = { 0xff, 2, [11] = 1, 0xff };
	unsigned char *ip = frame + 14, *icmp = frame + 54;
	memcpy(frame + 3, target + 13, 3);
	memcpy(ip + 24, solicited_node, 13);
	memcpy(ip + 37, target + 13, 3);
	memcpy(icmp + 8, target, 16);
	icmp[2] = icmp[3] = 0;
	uint32_t sum = sum_of(ip + 8, 32) + sum_of(icmp, PAYLOAD) + PAYLOAD + ICMPV6;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	icmp[2] = (unsigned char)(~sum >> 8);
	icmp[3] = (unsigned char)~sum;
}

/* Reads one frame; 1 if it is a solicited advertisement of `address`. `received` becomes the kernel's time of it. */
static int read_advertisement(int fd, const unsigned char *address, int64_t *received)
{
	unsigned char frame[FRAME_OCTETS];
	char control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec part = { frame, sizeof frame };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	if (recvmsg(fd, &message, MSG_DONTWAIT) < 78)
		return 0;
	if (frame[20] != ICMPV6 || frame[54] != 136 || (frame[58] & 0x40) == 0 || memcmp(frame + 62, address, 16) != 0)
		return 0;
	for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each != NULL; each = CMSG_NXTHDR(&message, each)) {
		if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		struct timespec stamp;
		memcpy(&stamp, CMSG_DATA(each), sizeof stamp);
		*received = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
	}
	return 1;
}

static void probe(int fd, unsigned char *frame, char kind, const unsigned char *address)
{
	int64_t received = 0;
	while (recv(fd, (char[1]){ 0 }, 1, MSG_DONTWAIT) > 0) /* late answers to earlier solicitations */
		;
	aim(frame, address);
	const int64_t sent = now(CLOCK_REALTIME);
	if (send(fd, frame, FRAME_OCTETS, 0) == FRAME_OCTETS) {
		for (;;) {
			const int64_t left = ANSWER_TIMEOUT_MS - (now(CLOCK_REALTIME) - sent) / 1000000;
			if (left <= 0 || poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, (int)left) <= 0)
				break;
			if (!read_advertisement(fd, address, &received))
				continue;
			const int64_t read = now(CLOCK_REALTIME);
			printf("%c %lld %lld\n", kind, (long long)(received - sent), (long long)(read - sent));
			return;
		}
	}
	printf("%c lost\n", kind);
}

int main(int argc, char **argv)
{
	ipv6 sender, compared;
	char line[64];
	size_t known = 0;
	if (argc != 7 || inet_pton(AF_INET6, argv[2], sender) != 1 || inet_pton(AF_INET6, argv[3], compared) != 1) {
		fprintf(stderr, "usage: ndp-probe INTERFACE SENDER-IPV6 COMPARED-IPV6 COUNT RATE SEED < ADDRESSES\n");
		return 2;
	}
	while (known < MOST_ADDRESSES && fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (inet_pton(AF_INET6, line, addresses[known]) == 1)
			known++;
	}
	const unsigned long count = strtoul(argv[4], NULL, 10), rate = strtoul(argv[5], NULL, 10);
	uint64_t random = strtoul(argv[6], NULL, 10) + 0x9e3779b97f4a7c15u;
	if (known == 0 || rate == 0) {
		fprintf(stderr, "ndp-probe: no addresses on standard input, or a rate of 0\n");
		return 2;
	}

	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IPV6),
				    .sll_ifindex = (int)if_nametoindex(argv[1]) };
	if (link.sll_ifindex == 0)
		return fail(argv[1]);
	const int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;
	if (fd < 0)
		return fail("socket");
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

	/* Ethernet to 33:33:ff:…, IPv6 with hop limit 255, type 135, and the sender's own link-layer address. */
	unsigned char frame[FRAME_OCTETS] = { 0x33, 0x33, 0xff, [12] = 0x86, 0xdd, 0x60, [19] = PAYLOAD, ICMPV6, 255,
					      [54] = 135, [78] = 1, 1 };
	memcpy(frame + 6, hardware.ifr_hwaddr.sa_data, 6);
	memcpy(frame + 22, sender, 16);
	memcpy(frame + 80, hardware.ifr_hwaddr.sa_data, 6);

	int64_t due = now(CLOCK_MONOTONIC);
	for (unsigned long sent = 0; sent < 2 * count; sent++) {
		const struct timespec at = { .tv_sec = due / 1000000000, .tv_nsec = due % 1000000000 };
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
			;
		if (sent % 2 == 0)
			probe(fd, frame, 'c', compared);
		else
			probe(fd, frame, 'm', addresses[draw(&random) % known]);
		due += 1000000000 / (int64_t)rate;
		if (due < now(CLOCK_MONOTONIC)) /* never faster than asked, to catch up */
			due = now(CLOCK_MONOTONIC);
	}
	return 0;
}
