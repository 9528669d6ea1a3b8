import { attachFittingFilter, type SendOutcome } from '@steelyard/announcement-schedule/node';
import { type BpfInstruction, openPacketSocket, type PacketSocket } from '@steelyard/linux-socket/packet';
import { compileNdpFilter, MAX_FILTER_RANGES } from '../../filter/compile.ts';
import { ETHERTYPE_IPV6 } from '../../frame/layout.ts';
import { asError, codeOf, type NdpTransport, type NdpTransportListener } from './transport.ts';

/** Octets kept of a frame: a message with SEND's options (RFC 3971) and 4096-bit keys fits. One that is cut off is refused. */
const MAX_FRAME_OCTETS = 2_048;
/** Sixty-four such frames would keep 128 KiB for each interface, for a batch that hardly ever has more than a few. */
const MAX_FRAMES_PER_WAKEUP = 32;
/** For a burst of questions while the process is busy. The kernel gives twice `net.core.rmem_max` at most. */
const RECEIVE_BUFFER_OCTETS = 1 << 20;
/** Fewer make the filter no cheaper for the kernel that matters. */
const FEWEST_RANGES = 16;

/** Opens a packet socket with an exact filter. It alone hears what is sent to the interface for an address that the host does not have. */
export function openPacketTransport(
  interfaceIndex: number,
  addresses: () => Iterable<Uint8Array>,
  listener: NdpTransportListener,
): NdpTransport {
  const socket = openPacketSocket({
    interfaceIndex,
    etherType: ETHERTYPE_IPV6,
    // Nothing gets in before the real filter, which may need several attempts.
    filter: compileNdpFilter([]),
    maxFrameOctets: MAX_FRAME_OCTETS,
    maxFramesPerWakeup: MAX_FRAMES_PER_WAKEUP,
    receiveBufferOctets: RECEIVE_BUFFER_OCTETS,
    onFrames(batch) {
      for (let i = 0; i < batch.count; i++) listener.onFrame(batch.frame(i));
    },
    onWritable: () => listener.onWritable(),
    onError(error) {
      // The watcher of links tells when an interface goes down and comes up.
      if (codeOf(error) === 'ENODEV') listener.onGone();
      else if (codeOf(error) !== 'ENETDOWN') listener.onError(error);
    },
  });
  const transport = new PacketTransport(socket, listener);
  try {
    transport.attachFilter(addresses);
  } catch (error) {
    transport.close();
    throw error;
  }
  return transport;
}

class PacketTransport implements NdpTransport {
  readonly interfaceIndex: number;
  readonly statistics: NdpTransport['statistics'];
  readonly #socket: PacketSocket;
  readonly #listener: NdpTransportListener;
  /** Smaller where `net.core.optmem_max` is. */
  #maxRanges: number = MAX_FILTER_RANGES;

  constructor(socket: PacketSocket, listener: NdpTransportListener) {
    this.interfaceIndex = socket.interfaceIndex;
    this.statistics = () => socket.statistics();
    this.#socket = socket;
    this.#listener = listener;
  }

  attachFilter(addresses: () => Iterable<Uint8Array>): void {
    const compile = (ranges: number): BpfInstruction[] => compileNdpFilter(addresses(), ranges, this.interfaceIndex);
    this.#maxRanges = attachFittingFilter(this.#socket, compile, this.#maxRanges, FEWEST_RANGES);
  }

  send(frame: Uint8Array): SendOutcome {
    try {
      return this.#socket.send(frame) ? 'Sent' : 'Refused';
    } catch (error) {
      // The watcher of links tells these in its own time.
      const code = codeOf(error);
      if (code !== 'ENETDOWN' && code !== 'ENXIO') this.#listener.onError(asError(error));
      return 'Failed';
    }
  }

  close(): void {
    void this.#socket.close();
  }
}
