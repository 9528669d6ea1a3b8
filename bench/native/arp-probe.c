/*
 * How long two hosts' answers to ARP requests take: the one that is compared with, and the one that is measured, in turn.
 *
 *   arp-probe INTERFACE SENDER-IPV4 COMPARED-IPV4 COUNT RATE SEED < ADDRESSES
 *
 * Sends COUNT broadcast requests (RFC 826) for COMPARED-IPV4 and COUNT for addresses that are drawn from standard input (one a
 * line), alternately, RATE a second. Prints a line for each: `c` (compared) or `m` (measured), and the nanoseconds from before
 * send(2) until the kernel had the answer (SO_TIMESTAMPNS), and until this program had it; `lost` where none came in 100 ms.
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

enum { FRAME_OCTETS = 60, MOST_ADDRESSES = 1 << 20, ANSWER_TIMEOUT_MS = 100 };

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

/* xorshift64: the same requests each time for the same seed. */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Reads one frame; 1 if it is a reply that says where `address` is. `received` becomes the kernel's time of it. */
static int read_reply(int fd, uint32_t address, int64_t *received)
{
	unsigned char frame[FRAME_OCTETS];
	char control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec part = { frame, sizeof frame };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	if (recvmsg(fd, &message, MSG_DONTWAIT) < 42)
		return 0;
	if (frame[20] != 0 || frame[21] != 2 || memcmp(frame + 28, &address, 4) != 0)
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

static void probe(int fd, unsigned char *frame, char kind, uint32_t address)
{
	int64_t received = 0;
	while (recv(fd, (char[1]){ 0 }, 1, MSG_DONTWAIT) > 0) /* late answers to earlier requests */
		;
	memcpy(frame + 38, &address, sizeof address);
	const int64_t sent = now(CLOCK_REALTIME);
	if (send(fd, frame, FRAME_OCTETS, 0) == FRAME_OCTETS) {
		for (;;) {
			const int64_t left = ANSWER_TIMEOUT_MS - (now(CLOCK_REALTIME) - sent) / 1000000;
			if (left <= 0 || poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, (int)left) <= 0)
				break;
			if (!read_reply(fd, address, &received))
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
	static uint32_t addresses[MOST_ADDRESSES];
	struct in_addr sender, compared, each;
	char line[64];
	size_t known = 0;
	if (argc != 7 || inet_pton(AF_INET, argv[2], &sender) != 1 || inet_pton(AF_INET, argv[3], &compared) != 1) {
		fprintf(stderr, "usage: arp-probe INTERFACE SENDER-IPV4 COMPARED-IPV4 COUNT RATE SEED < ADDRESSES\n");
		return 2;
	}
	while (known < MOST_ADDRESSES && fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (inet_pton(AF_INET, line, &each) == 1)
			addresses[known++] = each.s_addr;
	}
	const unsigned long count = strtoul(argv[4], NULL, 10), rate = strtoul(argv[5], NULL, 10);
	uint64_t random = strtoul(argv[6], NULL, 10) + 0x9e3779b97f4a7c15u;
	if (known == 0 || rate == 0) {
		fprintf(stderr, "arp-probe: no addresses on standard input, or a rate of 0\n");
		return 2;
	}

	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP),
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

	unsigned char frame[FRAME_OCTETS] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, [12] = 8, 6, 0, 1, 8, 0, 6, 4, 0, 1 };
	memcpy(frame + 6, hardware.ifr_hwaddr.sa_data, 6);
	memcpy(frame + 22, hardware.ifr_hwaddr.sa_data, 6);
	memcpy(frame + 28, &sender, 4);

	int64_t due = now(CLOCK_MONOTONIC);
	for (unsigned long sent = 0; sent < 2 * count; sent++) {
		const struct timespec at = { .tv_sec = due / 1000000000, .tv_nsec = due % 1000000000 };
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
			;
		if (sent % 2 == 0)
			probe(fd, frame, 'c', compared.s_addr);
		else
			probe(fd, frame, 'm', addresses[draw(&random) % known]);
		due += 1000000000 / (int64_t)rate;
		if (due < now(CLOCK_MONOTONIC)) /* never faster than asked, to catch up */
			due = now(CLOCK_MONOTONIC);
	}
	return 0;
}
