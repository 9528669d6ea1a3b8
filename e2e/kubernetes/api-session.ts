/**
 * What a case of {@link ./api-cases.ts} does to an API server, written down as
 * a transcript in which all that differs from run to run is replaced by words.
 */

import { execFile } from 'node:child_process';
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** An API server and how to reach it. */
export interface ApiUnderTest {
  readonly url: string;
  readonly token: string;
  readonly kubectlPath: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly certificateAuthority?: Buffer;
}

export interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface RequestExtras {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

export interface Session {
  /** The namespace that this case has for itself. */
  readonly namespace: string;
  readonly api: ApiUnderTest;
  /** Runs kubectl in the namespace and writes down what it printed. */
  kubectl(command: string, input?: string): Promise<string>;
  /** Runs kubectl without writing it down. */
  quietly(command: string, input?: string): Promise<string>;
  /** Makes a request and writes down its answer. */
  request(method: string, path: string, extras?: RequestExtras): Promise<Answer>;
  /** Makes a request without writing it down. */
  ask(method: string, path: string, extras?: RequestExtras): Promise<Answer>;
  note(text: string): void;
  /** Watches while `during` runs, until an event satisfies `last`; writes the events down. */
  watch(
    path: string,
    during: () => Promise<void>,
    last: (event: WatchedEvent) => boolean,
    extras?: RequestExtras,
  ): Promise<void>;
  until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T>;
}

export interface WatchedEvent {
  readonly type: string;
  readonly object: {
    readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> };
    readonly [field: string]: unknown;
  };
}

const PATIENCE_MS = 20_000;

/** Opens a session whose transcript is read in the end. */
export function openSession(api: ApiUnderTest, namespace: string): Session & { readonly transcript: () => string } {
  const lines: string[] = [];
  const write = (text: string): void => {
    lines.push(withoutChance(text, namespace));
  };
  const session: Session = {
    namespace,
    api,
    note: write,
    quietly: (command, input) => runKubectl(api, namespace, command, input),
    kubectl: async (command, input) => {
      const output = await runKubectl(api, namespace, command, input);
      write(`$ kubectl ${command}\n${output}`);
      return output;
    },
    ask: (method, path, extras) => makeRequest(api, method, path, extras),
    request: async (method, path, extras) => {
      const answer = await makeRequest(api, method, path, extras);
      const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(ordered(answer.body), undefined, 1);
      write(`${method} ${path}\n${answer.code} ${body}`);
      return answer;
    },
    watch: async (path, during, last, extras = {}) => {
      write(`WATCH ${path}`);
      await watchEvents(api, path, extras, during, (event) => {
        write(`${event.type} ${JSON.stringify(ordered(event.object))}`);
        return last(event);
      });
    },
    until: async (what, probe) => {
      const deadlineMs = Date.now() + PATIENCE_MS;
      for (;;) {
        const found = await probe();
        if (found !== undefined) return found;
        if (Date.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
        await sleep(50);
      }
    },
  };
  return { ...session, transcript: () => `${lines.join('\n\n')}\n` };
}

/** Everything that kubectl printed, also when it failed. Words in single quotes stay together. */
function runKubectl(api: ApiUnderTest, namespace: string, command: string, input?: string): Promise<string> {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  return new Promise((resolve) => {
    const env = { ...process.env, EDITOR: "sed -i 's/name: default/name: renamed/'", ...api.environment };
    const child = execFile(api.kubectlPath, ['-n', namespace, ...words], { env }, (_error, output, complaint) => {
      resolve(`${output}${complaint}`.trimEnd());
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

function optionsFor(api: ApiUnderTest, method: string, path: string, extras: RequestExtras): RequestOptions {
  const url = new URL(path, api.url);
  return {
    host: url.hostname,
    port: url.port,
    method,
    path: `${url.pathname}${url.search}`,
    headers: {
      Authorization: `Bearer ${api.token}`,
      Accept: extras.accept ?? 'application/json',
      ...(extras.body !== undefined && { 'Content-Type': extras.contentType ?? 'application/json' }),
    },
  };
}

function send(api: ApiUnderTest, method: string, path: string, extras: RequestExtras) {
  const options = optionsFor(api, method, path, extras);
  const request =
    api.certificateAuthority === undefined
      ? httpRequest(options)
      : httpsRequest({ ...options, ca: api.certificateAuthority, servername: 'kubernetes' });
  const octets = Buffer.from(extras.body === undefined ? '' : JSON.stringify(extras.body));
  if (octets.length > 0) request.setHeader('Content-Length', octets.length);
  request.end(octets);
  return request;
}

function makeRequest(api: ApiUnderTest, method: string, path: string, extras: RequestExtras = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send(api, method, path, extras);
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const isJson = String(response.headers['content-type']).includes('json');
        resolve({ code: response.statusCode ?? 0, headers: response.headers, body: isJson ? parsed(text) : text });
      });
    });
  });
}

async function watchEvents(
  api: ApiUnderTest,
  path: string,
  extras: RequestExtras,
  during: () => Promise<void>,
  onEvent: (event: WatchedEvent) => boolean,
): Promise<void> {
  const request = send(api, 'GET', path, extras);
  const timer = setTimeout(() => request.destroy(new Error(`the watch ${path} saw too little`)), PATIENCE_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (response) => {
        let rest = '';
        let isOver = false;
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const parts = `${rest}${chunk}`.split('\n');
          rest = parts.pop() ?? '';
          for (const part of parts) {
            if (isOver) return;
            isOver = onEvent(JSON.parse(part) as WatchedEvent);
            if (isOver) resolve();
          }
        });
        response.on('error', reject);
        response.on('end', resolve);
        during().catch(reject);
      });
    });
  } finally {
    clearTimeout(timer);
    request.destroy();
  }
}

/** Members in the order of their names, and without what only the real server keeps. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .filter(([name]) => name !== 'managedFields' && name !== 'description')
    .map(([name, member]) => [name, CHANCE[name] && member ? CHANCE[name] : ordered(member)] as const);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : Number(a > b))));
}

/** Members whose value is another one in each run. */
const CHANCE: Readonly<Record<string, string>> = {
  uid: 'UID',
  resourceVersion: 'VERSION',
  continue: 'TOKEN',
};

const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} \+0000/g, 'TIME'],
  [/\b10\.(43|96)\.\d+\.\d+\b/g, 'CLUSTER-IP'],
  [/\bfd00:(43|96)::[0-9a-f]+\b/g, 'CLUSTER-IP6'],
  [/(\b\d+:)\d{5}(?=\/)/g, '$1NODE-PORT'],
  [/([nN]odePort"?: )\d{5}/g, '$1NODE-PORT'],
  [/(NodePort: +\S+ +)\d+/g, '$1NODE-PORT'],
  [/(Duplicate value: )\d{5}/g, '$1NODE-PORT'],
  [/(range of valid ports is )\d+-\d+/g, '$1RANGE'],
  [/(resourceVersion(?:: "|=))\d+/g, '$1VERSION'],
  [/\b10\.42\.\d+\.\d+:80\b/g, 'POD-IP:80'],
  [/\bnginx-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, 'nginx-HASH-POD'],
  [/\bnginx-[a-z0-9]{8,10}\b/g, 'nginx-HASH'],
  [/\b(nginx-lb|generated)-[a-z0-9]{5}\b/g, '$1-RANDOM'],
  [/(\s)\d+[smh](\d+[smh])?(?=\s|$)/gm, '$1AGE'],
  [/\bAGE ago\b/g, 'AGE'],
  [/"\d+s"/g, '"AGE"'],
  // What kubectl says after a deletion depends on its version.
  [/ deleted from NAMESPACE namespace/g, ' deleted'],
  [/ {2,}/g, '  '],
  [/[ \t]+$/gm, ''],
];

function withoutChance(text: string, namespace: string): string {
  const named = text.replaceAll(namespace, 'NAMESPACE');
  return REPLACEMENTS.reduce((result, [pattern, word]) => result.replace(pattern, word), named);
}

/** The events of a watch are several documents: they stay text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
