export { openPcap, type PcapCapture } from './capture.ts';
