import type { SendOutcome } from '@steelyard/announcement-schedule/node';
import { writeArpAnnouncement } from '../announcement.ts';
import { ARP_FRAME_LENGTH, ARP_REPLY, ARP_REQUEST } from '../packet.ts';

/** Where announcements leave. */
export interface AnnouncementPort {
  /** Six octets. */
  mac(): Uint8Array;
  send(frame: Uint8Array): SendOutcome;
}

/** The frames of announcements. */
export interface AnnouncementFrames {
  /** MetalLB's pair (`internal/layer2/arp.go`, `Gratuitous`): some neighbours learn from requests only, some from replies. */
  sendRound(address: number): SendOutcome;
  /** One request: a defence. */
  sendRequest(address: number): SendOutcome;
}

/** Writes announcements into one frame, again and again. */
export function createAnnouncementFrames(port: AnnouncementPort): AnnouncementFrames {
  const frame = new Uint8Array(ARP_FRAME_LENGTH);
  const send = (operation: number, address: number): SendOutcome => {
    writeArpAnnouncement(frame, operation, port.mac(), address);
    return port.send(frame);
  };
  return {
    sendRound(address) {
      const request = send(ARP_REQUEST, address);
      return request === 'Sent' ? send(ARP_REPLY, address) : request;
    },
    sendRequest: (address) => send(ARP_REQUEST, address),
  };
}
