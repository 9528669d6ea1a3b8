/** One place of the sources, and what is there instead. */
export interface Replacement {
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A fault in the sources, which the histories must find. */
export interface Mutant extends Replacement {
  readonly name: string;
  /** What is done in a second place, too, would hide it. */
  readonly also?: Replacement;
  /** What somebody would notice of it. */
  readonly why: string;
}

const ASSIGNER = 'packages/assign/src/assigner/assigner.ts';
const CONVERGE = 'packages/assign/src/converge/converge.ts';
const IPAM = 'packages/ipam/src/ipam.ts';
const SHARING = 'packages/ipam/src/sharing.ts';
const MACHINE = 'packages/k8s-adapter/src/single-writer/machine';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the order of re-claiming is off',
    file: ASSIGNER,
    find: `      claimAll(inOrder, pools, context);
      const known = pools;
      passOver(inOrder, ipam, look, (entry, had) => mayHaveAgain(entry.view, had, ipam, known));
`,
    replace: '      for (const entry of inOrder.reverse()) look(entry);\n',
    also: {
      file: 'packages/assign/src/assigner/claims.ts',
      find: '      for (const served of inOrder) {\n        claim(served, pools);\n      }\n',
      replace: '',
    },
    why: 'after a restart somebody new is given what another shows',
  },
  {
    name: 'one who stands by decides',
    file: ASSIGNER,
    find: 'synced && pools !== undefined && !standby;',
    replace: 'synced && pools !== undefined;',
    why: 'its books say what nobody has written, and after a take-over it writes that',
  },
  {
    name: 'a deleted Service keeps its address in the books',
    file: ASSIGNER,
    find: '      ipam.release(key);\n      opportunities.note(before, undefined);',
    replace: '      opportunities.note(before, undefined);',
    why: 'the address is never given again',
  },
  {
    name: 'a write that failed is not tried again',
    file: ASSIGNER,
    find: "effects.push({ type: 'retryLater', key: entry.view.key });",
    replace: '',
    why: 'after an outage a Service shows nothing, or what it has lost',
  },
  {
    name: 'an answer that did not come is taken for success',
    file: ASSIGNER,
    find: "event.type === 'statusWritten' ? statusWritten",
    replace: "event.type !== 'statusConflict' ? statusWritten",
    why: 'the Service never shows what it was given',
  },
  {
    name: 'what comes free is offered to nobody',
    file: 'packages/assign/src/assigner/opportunities.ts',
    find: 'if (before === after) {',
    replace: 'if (before !== undefined) {',
    why: 'a Service waits for what is there',
  },
  {
    name: 'a Service that is none of ours any more is not freed',
    file: CONVERGE,
    find: '  ipam.release(service.key);\n  return conclude(service, { ...end, addresses: [], pool: undefined });',
    replace: '  return conclude(service, { ...end, addresses: [], pool: undefined });',
    why: 'its address is never given again, or comes back with it though another has it',
  },
  {
    name: 'a request drops the address that works',
    file: CONVERGE,
    find: 'if (!habits.keepsWhileAsking) {',
    replace: 'if (habits.keepsWhileAsking) {',
    why: 'a Service that asks for a taken address is left with none',
  },
  {
    name: 'two families for one cluster IP',
    file: CONVERGE,
    find: "if (!families.ok || families.value !== 'dual') {",
    replace: 'if (!families.ok) {',
    why: 'PreferDualStack with one cluster IP flaps for ever',
  },
  {
    name: 'who may keep an address is not asked',
    file: 'packages/assign/src/converge/pool-order.ts',
    find: 'return pool === undefined || mayHoldFrom(pool, service);',
    replace: 'return true;',
    why: 'a Service stays in a pool that is for other namespaces',
  },
  {
    name: 'who may be given an address is not asked',
    file: 'packages/assign/src/converge/pool-order.ts',
    find: 'return mayAllocateFrom(pool, service);',
    replace: 'return !pool.frozen;',
    why: 'a Service is given an address of a pool that is for other namespaces',
  },
  {
    name: 'a Namespace that gets a label concerns nobody',
    file: 'packages/assign/src/converge/pool-difference.ts',
    find: '        differing.add(namespace);\n',
    replace: '',
    why: 'its Services keep what is not for them, or wait for what is',
  },
  {
    name: 'the holders of a broken pool lose their addresses',
    file: IPAM,
    find: 'const seen = inForce(addresses) ?? frozen;',
    replace: 'const seen = inForce(addresses);',
    why: 'a typing error in a pool silences all that it serves',
  },
  {
    name: 'an address of no pool is kept',
    file: IPAM,
    find: 'return partial && !elsewhere ?',
    replace: 'return !elsewhere ?',
    why: 'addresses of a pool that was deleted stay in use',
  },
  {
    name: 'the port check is off',
    file: SHARING,
    find: 'if (user !== undefined && user !== holder) {',
    replace: "if (user !== undefined && user === '') {",
    why: 'two Services have one port of one address',
  },
  {
    name: 'backends do not matter',
    file: SHARING,
    find: 'held.sharingKey === sharing.sharingKey && held.backendKey === sharing.backendKey;',
    replace: 'held.sharingKey === sharing.sharingKey;',
    why: 'local Services with other backends have one address',
  },
  {
    name: 'sharing keys do not matter',
    file: SHARING,
    find: "held.sharingKey !== '' && held.sharingKey === sharing.sharingKey &&",
    replace: '',
    why: 'two Services have one address that neither shares',
  },
  {
    name: 'ports are not given back',
    file: 'packages/ipam/src/holdings.ts',
    find: '      held.ports.delete(formatPort(port));\n',
    replace: '',
    why: 'a Service waits for a port that nobody has',
  },
  {
    name: 'a write leaves after the lease',
    file: `${MACHINE}/lease.ts`,
    find: 'return nowMs < writeUntilMs(state, config);',
    replace: "return state.phase === 'holding' && config !== undefined && nowMs > 0;",
    why: 'one that slept writes while another is the writer',
  },
  {
    name: 'a living writer is succeeded at once',
    file: `${MACHINE}/lease.ts`,
    find: 'return state.readAskedAtMs >= successionDueAtMs(state, config);',
    replace: 'return true;',
    why: 'two write at a time',
  },
  {
    name: 'a take-over does not catch up',
    file: `${MACHINE}/advance.ts`,
    find: "  effects.push({ type: 'catchUp' });\n  return { ...state, catchingUp: true };",
    replace: "  effects.push({ type: 'tookOver', predecessor: state.predecessor });\n  return enter(state, 'holding');",
    why: 'what the one before gave last is given once more',
  },
  {
    name: 'a refused record is taken for a written one',
    file: `${MACHINE}/apply-event.ts`,
    find: "    case 'written': {",
    replace: "    case 'writeConflict':\n    case 'written': {",
    why: 'two write at a time',
  },
  {
    name: 'a writer that was succeeded goes on',
    file: `${MACHINE}/apply-event.ts`,
    find: "if (phase !== 'holding' && phase !== 'catchingUp') return state;\n",
    replace: 'return { ...state, leaseUntilMs: config.leaseDurationSeconds * 1e9 };\n',
    why: 'two write at a time',
  },
];
