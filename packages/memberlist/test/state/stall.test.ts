import { describe, expect, test } from 'vitest';
import { accusation, alive, driverWith, effectsOf, endpointOf, packets, queued } from './driver.ts';

describe('a process that did not run for a while', () => {
  test('does not suspect whom it was probing: the answer that waited comes first', () => {
    const driver = driverWith(3);
    driver.advance(1_000);
    const { probe } = driver.state();
    driver.skip(30_000);
    driver.receive({ type: 'ack', sequence: probe?.sequence ?? 0, payload: new Uint8Array() });
    driver.step({ type: 'wake' });
    expect(driver.status(probe?.target.node ?? '')).toBe('alive');
  });

  test('gives the rest of its time to whom it was probing, and asks others as ever', () => {
    const driver = driverWith(3, { random: () => 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 });
    queued(driver);
    driver.advance(0);
    const target = driver.state().probe?.target.node ?? '';
    driver.skip(30_000);
    const effects = driver.step({ type: 'wake' });
    expect(packets(effects).flatMap(({ messages }) => messages.map(({ type }) => type))).toEqual([
      'indirectPing',
      'indirectPing',
    ]);
    driver.advance(499);
    expect(driver.status(target)).toBe('alive');
    driver.advance(1);
    expect(driver.status(target)).toBe('suspect');
  });

  test('declares nobody dead for the time it slept: the suspicion has as long to go as before', () => {
    const driver = driverWith(2);
    driver.receive(accusation('suspect', 'node-1'));
    driver.advance(1_000);
    driver.skip(60_000);
    // However many packets wait, they are one stall.
    for (let packet = 0; packet < 50; packet += 1) driver.receive({ type: 'nack', sequence: 1 });
    driver.advance(2_700);
    expect(driver.status('node-1')).toBe('suspect');
    driver.advance(310);
    expect(driver.status('node-1')).toBe('dead');
  });

  test('hears first what the accused said meanwhile', () => {
    const driver = driverWith(2);
    driver.receive(accusation('suspect', 'node-1'));
    driver.skip(60_000);
    driver.receive(alive(1, { incarnation: 2 }));
    expect(effectsOf(driver.advance(3_000), 'memberLeft')).toEqual([]);
    expect(driver.member('node-1')?.incarnation).toBe(2);
  });

  test('a delay of less than half the time-out of a probe is none', () => {
    const driver = driverWith(2);
    driver.receive(accusation('suspect', 'node-1'));
    driver.advance(3_990);
    driver.skip(240);
    expect(effectsOf(driver.step({ type: 'wake' }), 'memberLeft')).toHaveLength(1);
  });

  test('makes up for none of the ticks it missed', () => {
    const driver = driverWith(5);
    driver.receive(alive(1, { incarnation: 2 }));
    driver.skip(60_000);
    const effects = driver.step({ type: 'wake' });
    expect(packets(effects).length).toBeLessThanOrEqual(1 + driver.config.gossipNodes);
    expect(driver.wakeAtMs()).toBeGreaterThan(driver.nowMs());
  });
});

describe('a clock', () => {
  test('that goes backwards stands still', () => {
    const driver = driverWith(3);
    driver.advance(10_000);
    driver.skip(-5_000);
    expect(effectsOf(driver.step({ type: 'wake' }), 'memberLeft')).toEqual([]);
    expect(driver.wakeAtMs()).toBeGreaterThanOrEqual(10_000);
  });

  test('that shows no number is the caller’s mistake', () => {
    const driver = driverWith(0);
    driver.skip(Number.NaN);
    expect(() => driver.step({ type: 'wake' })).toThrow(RangeError);
  });

  test('that is early does no harm', () => {
    const driver = driverWith(3);
    const wishedMs = driver.wakeAtMs();
    expect(driver.step({ type: 'wake' })).toEqual([{ type: 'wakeAt', atMs: wishedMs }]);
    expect(driver.receive({ type: 'ack', sequence: 99, payload: new Uint8Array() }, endpointOf(2))).toEqual([]);
  });
});
