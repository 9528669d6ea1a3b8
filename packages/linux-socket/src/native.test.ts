import { expect, test } from 'vitest';
import { loadNative } from './native.ts';

test.for([
  ['darwin', 'arm64'],
  ['win32', 'x64'],
  ['linux', 'riscv64'],
] as const)('%s on %s gets one clear sentence', ([platform, cpu]) => {
  expect(() => loadNative(platform, cpu)).toThrow(
    expect.objectContaining({
      code: 'ERR_LINUX_SOCKET_UNSUPPORTED_PLATFORM',
      message: `@steelyard/linux-socket runs on Linux on x64 and arm64, this is ${platform} on ${cpu}`,
    }),
  );
});

test('the addon of this machine loads, and names the loopback interface', () => {
  const { interfaceIndex, interfaceName } = loadNative();
  expect(interfaceName(interfaceIndex('lo'))).toBe('lo');
  expect(interfaceIndex('no-such')).toBe(-19);
  expect(interfaceIndex('a name that is far too long')).toBe(-19);
});
