import { createHash } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent } from 'node:https';

/** How this process shows who it is, as read at one moment. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Pick<AgentOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'pfx' | 'servername' | 'rejectUnauthorized'>;
  /** A ready agent, where a proxy stands between. */
  readonly proxyAgent?: HttpAgent;
}

/** Where the API server is, and how to read the credentials for it again when they have been rotated. */
export interface CredentialSource {
  /** For messages: `in-cluster`, or the file. */
  readonly description: string;
  readonly server: URL;
  /** The namespace that the configuration names, if it names one. */
  readonly namespace: string | undefined;
  read(): Promise<Credentials>;
}

/** Credentials together with the connections opened with them. */
export interface Connection {
  readonly headers: Readonly<Record<string, string>>;
  readonly requestAgent: HttpAgent;
  /** Watches have connections of their own: one each, for minutes. */
  readonly watchAgent: HttpAgent;
  readonly tlsFingerprint: string;
}

// client-go reads a token file at least once a minute (transport/token_source.go); kubelet rotates it at 80 % of its life.
const REFRESH_AFTER_MS = 30_000;
// A dead peer is noticed after this silence and some probes; libuv sets 10 probes, 1 s apart.
const KEEP_ALIVE_AFTER_MS = 15_000;
const MAX_FREE_SOCKETS = 16;

function openAgents(
  source: CredentialSource,
  { tls, proxyAgent }: Credentials,
): Pick<Connection, 'requestAgent' | 'watchAgent'> {
  if (proxyAgent !== undefined) return { requestAgent: proxyAgent, watchAgent: proxyAgent };
  const common = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_AFTER_MS, maxFreeSockets: MAX_FREE_SOCKETS };
  const open = (): HttpAgent =>
    source.server.protocol === 'https:' ? new HttpsAgent({ ...common, ...tls }) : new HttpAgent(common);
  return { requestAgent: open(), watchAgent: open() };
}

function fingerprint(tls: Credentials['tls']): string {
  const hash = createHash('sha256');
  for (const part of [tls.ca, tls.cert, tls.key, tls.passphrase, tls.servername]) {
    hash.update(part === undefined ? 'absent' : String(part)).update('\0');
  }
  return hash.digest('hex');
}

function dropFreeSockets(agent: HttpAgent): void {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of [...(sockets ?? [])]) socket.destroy();
  }
}

export interface CredentialCache {
  /** The connection to use in this very turn, if there is one; stale credentials are read anew behind it. */
  peek(): Connection | undefined;
  /** The connection, waiting for credentials if there are none. */
  get(): Promise<Connection>;
  /** The server refused them (401): the next `get` reads them anew. */
  invalidate(): void;
  close(): void;
}

/** Keeps credentials at hand, so that a request leaves without waiting for a file, and follows their rotation. */
export function createCredentialCache(
  source: CredentialSource,
  options: { readonly nowMs?: () => number } = {},
): CredentialCache {
  const nowMs = options.nowMs ?? (() => performance.now());
  const agents = new Set<HttpAgent>();
  let connection: Connection | undefined;
  let readAtMs = 0;
  let refused = false;
  let reading: Promise<Connection> | undefined;

  async function readNow(): Promise<Connection> {
    const credentials = await source.read();
    const tlsFingerprint = fingerprint(credentials.tls);
    const previous = connection;
    const kept = previous?.tlsFingerprint === tlsFingerprint;
    const { requestAgent, watchAgent } = kept ? previous : openAgents(source, credentials);
    if (previous !== undefined && !kept) {
      // Running exchanges end on the old certificates; only what idles is closed.
      dropFreeSockets(previous.requestAgent);
      dropFreeSockets(previous.watchAgent);
    }
    agents.add(requestAgent).add(watchAgent);
    connection = {
      headers: credentials.headers,
      requestAgent,
      watchAgent,
      tlsFingerprint,
    };
    readAtMs = nowMs();
    refused = false;
    return connection;
  }

  function read(): Promise<Connection> {
    reading ??= readNow().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return {
    peek() {
      if (connection === undefined || refused) return undefined;
      if (nowMs() - readAtMs > REFRESH_AFTER_MS) {
        readAtMs = nowMs(); // not again at once if the reading fails: the old ones may live on
        read().catch(() => undefined);
      }
      return connection;
    },
    get() {
      const usable = this.peek();
      return usable === undefined ? read() : Promise.resolve(usable);
    },
    invalidate() {
      refused = true;
    },
    close() {
      for (const agent of agents) agent.destroy();
    },
  };
}
