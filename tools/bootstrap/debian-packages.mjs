// What a purpose needs from Debian, and how it gets there: by apt-get where the user is root, else by a sentence.

import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { Refusal, step } from './steps.mjs';

/** Debian package: a file that is there once it is installed. Only what is really used stands here. */
const COMPILER = { gcc: '/usr/bin/cc', 'libc6-dev': '/usr/include/stdio.h' };
const LAB = {
  iproute2: '/usr/sbin/ip',
  nftables: '/usr/sbin/nft',
  curl: '/usr/bin/curl',
  'util-linux': '/usr/bin/nsenter',
};
const CROSS_COMPILER = {
  'gcc-aarch64-linux-gnu': '/usr/bin/aarch64-linux-gnu-gcc',
  'libc6-dev-arm64-cross': '/usr/aarch64-linux-gnu/include/stdio.h',
};
const BGP_DAEMONS = {
  frr: '/usr/lib/frr/bgpd',
  bird2: '/usr/sbin/bird',
  gobgpd: '/usr/bin/gobgpd',
  exabgp: '/usr/sbin/exabgp',
};
const NEEDS = {
  build: COMPILER,
  demo: { ...COMPILER, ...LAB, frr: BGP_DAEMONS.frr },
  test: {
    ...COMPILER,
    ...CROSS_COMPILER,
    ...LAB,
    ...BGP_DAEMONS,
    'iputils-arping': '/usr/bin/arping',
    ndisc6: '/usr/bin/ndisc6',
    openssl: '/usr/bin/openssl',
    // What benches of BGP capture with.
    tcpdump: '/usr/bin/tcpdump',
    // Of raw-socket, which node-gyp compiles.
    'g++': '/usr/bin/g++',
    make: '/usr/bin/make',
    python3: '/usr/bin/python3',
  },
  check: { ...COMPILER, ...CROSS_COMPILER },
};

/** Without these nothing of a purpose can be done; what else is missing only leaves something out. */
const INDISPENSABLE = { build: COMPILER, demo: { ...COMPILER, ...LAB }, test: COMPILER, check: COMPILER };

const POLICY = '/usr/sbin/policy-rc.d';

/** @param {string} purpose @param {NodeJS.ProcessEnv} env */
export async function provideDebianPackages(purpose, env) {
  const needs = NEEDS[purpose];
  if (needs === undefined) {
    throw new Refusal(`--for ${purpose} is not understood: it is one of ${Object.keys(NEEDS).join(', ')}.`);
  }
  const missing = Object.keys(needs).filter((name) => !existsSync(needs[name]));
  if (missing.length === 0) return;
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...missing];
  const byHand = `apt-get ${install.join(' ')}`;
  if (process.getuid() !== 0 || !existsSync('/usr/bin/apt-get')) {
    const remedy = existsSync('/usr/bin/apt-get')
      ? `as root, run: ${byHand}`
      : `install what brings ${missing.map((name) => needs[name]).join(' ')}`;
    if (missing.some((name) => name in INDISPENSABLE[purpose])) {
      throw new Refusal(`This machine lacks ${missing.join(', ')}, and only root can install them: ${remedy}`);
    }
    process.stderr.write(`What needs ${missing.join(', ')} is left out. To have it, ${remedy}\n`);
    return;
  }
  const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, remedy: `Try by hand: ${byHand}` };
  const restrain = !existsSync(POLICY); // else Debian starts each daemon that it installs
  if (restrain) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await step('Reading the list of Debian packages', 'apt-get', ['update', '-qq'], quiet);
    await step(`Installing ${missing.join(', ')}`, 'apt-get', install, quiet);
  } finally {
    if (restrain) unlinkSync(POLICY);
  }
}
