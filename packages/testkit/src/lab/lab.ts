import { type AttachOptions, type Cable, layCable, makeBridge, type Switch } from './link.ts';
import { type Namespace, openNamespace } from './namespace.ts';
import { labPrivilege } from './privilege.ts';

/**
 * Network namespaces on bridges.
 *
 * Nothing is left behind, however this process ends: the namespaces have no
 * names in the file system, each is held by a process that the kernel kills
 * with this one, and so is all that runs inside. (A program that starts others
 * and does not wait for them is the exception: `close()` ends those too, a
 * `kill -9` of this process does not.)
 */
export interface Lab extends AsyncDisposable {
  /** Makes a namespace: a node, a router, a client. */
  namespace(name: string): Promise<Namespace>;
  /** Makes a switch. */
  switch(name: string): Promise<Switch>;
  /** Plugs a namespace into a switch. */
  attach(namespace: Namespace, to: Switch, options?: AttachOptions): Promise<Cable>;
  /** Ends all that runs inside, and the namespaces. May be called again. */
  close(): Promise<void>;
}

/**
 * Opens a lab, as root or as an ordinary user where the kernel allows user
 * namespaces.
 *
 * @throws Error with the code `ERR_TESTKIT_LAB_UNAVAILABLE`, and what to do.
 */
export async function openLab(): Promise<Lab> {
  const privilege = labPrivilege();
  // Outlives the others: it holds the user namespace where there is one.
  const root = await openNamespace({ name: 'lab', privilege, userHolderPid: undefined });
  const namespaces: Namespace[] = [];
  let cables = 0;
  let closing: Promise<void> | undefined;

  const namespace = async (name: string): Promise<Namespace> => {
    if (closing !== undefined) throw new Error('the lab is closed');
    const made = await openNamespace({ name, privilege, userHolderPid: root.holderPid });
    namespaces.push(made);
    return made;
  };
  const close = async (): Promise<void> => {
    await Promise.all(namespaces.map((each) => each.close()));
    await root.close();
  };
  const self: Lab = {
    namespace,
    async switch(name) {
      const made = await namespace(name);
      await makeBridge(made, 'br0');
      return { name, namespace: made, bridge: 'br0' };
    },
    attach(from, to, options = {}) {
      cables += 1;
      return layCable(from, to, `port${cables}`, { ...options, mac: options.mac ?? macAddress(cables) });
    },
    close() {
      closing ??= close();
      return closing;
    },
    [Symbol.asyncDispose]: () => self.close(),
  };
  return self;
}

/** Locally administered (the bit 02 of the first octet, IEEE 802-2014, section 8.4). */
function macAddress(number: number): string {
  const octets = [0x02, 0x00, 0x01, 0x00, (number >> 8) & 0xff, number & 0xff];
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}
