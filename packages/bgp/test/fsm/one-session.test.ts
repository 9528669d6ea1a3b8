import { expect, test } from 'vitest';
import { initialPeerFsm, type PeerFsmState, stateOf, stepPeerFsm } from '../../src/fsm/step.ts';
import type { PeerFsmConfig, PeerFsmEffect, PeerFsmEvent } from '../../src/fsm/vocabulary.ts';

const config: PeerFsmConfig = {
  localAsn: 64_512,
  bgpIdentifier: '192.0.2.1',
  peerAsn: 64_513,
  holdTimeSeconds: 90,
  connectRetryTimeMs: 10_000,
  idleHoldTimeMs: 1_000,
  maxIdleHoldTimeMs: 120_000,
  openHoldTimeMs: 240_000,
  passive: false,
  capabilities: [
    { type: 'multiprotocol', afi: 1, safi: 1 },
    { type: 'four-octet-asn', asn: 64_512 },
  ],
  random: () => 0.5,
};

test('an active session comes up', () => {
  let state: PeerFsmState = initialPeerFsm(config);
  const step = (event: PeerFsmEvent): readonly PeerFsmEffect[] => {
    const next = stepPeerFsm(state, event, config);
    state = next.state;
    return next.effects;
  };
  expect(step({ type: 'ManualStart', nowMs: 0 })).toEqual([
    { type: 'connect', connection: 1 },
    { type: 'stateChanged', from: 'Idle', to: 'Connect' },
  ]);
  step({ type: 'TcpConnectionAcked', connection: 1, nowMs: 5 });
  expect(stateOf(state)).toBe('OpenSent');
  step({
    type: 'MessageReceived',
    connection: 1,
    nowMs: 10,
    message: {
      type: 'open',
      version: 4,
      myAutonomousSystem: 64_513,
      holdTimeSeconds: 30,
      bgpIdentifier: '192.0.2.2',
      capabilities: [],
    },
  });
  expect(stateOf(state)).toBe('OpenConfirm');
  const effects = step({ type: 'MessageReceived', connection: 1, nowMs: 12, message: { type: 'keepalive' } });
  expect(effects.map(({ type }) => type)).toEqual(['established', 'stateChanged']);
  expect(state.wakeAtMs).toBe(10 + 8_750);
});
