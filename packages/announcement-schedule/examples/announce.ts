import { DEFAULT_ANNOUNCEMENT_CONFIG } from '@steelyard/announcement-schedule';
import { createAnnouncementRunner } from '@steelyard/announcement-schedule/node';

const runner = createAnnouncementRunner<string>({
  config: { ...DEFAULT_ANNOUNCEMENT_CONFIG, rounds: 2, roundIntervalMs: 10 },
  owns: () => true,
  sendRound(address) {
    console.log(`announcing ${address}`);
    return 'Sent'; // or 'Refused': call sendPossible() when there is room; or 'Failed': it tries again
  },
  announced: (address, round) => console.log(`announced ${address}, round ${round}`),
});
runner.interfaceReady();
runner.own('192.0.2.1');
