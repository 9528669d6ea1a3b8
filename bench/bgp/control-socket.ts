import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

/** A daemon's control socket: a program started for each question would cost more than what is asked about. */
export interface ControlSocket extends Disposable {
  /** One command, and all that the daemon says to it. One at a time. */
  ask(command: string): Promise<string>;
}

const TIMEOUT_MS = 60_000;

/** FRR's, as vtysh speaks it: a command ends with a zero, an answer with three and a code. */
export function openFrrSocket(bgpdPid: number): Promise<ControlSocket> {
  const isWhole = (said: string): boolean => /\0\0\0[\s\S]$/.test(said);
  return openSocket(`${wordAfter(bgpdPid, '--vty_socket')}/bgpd.vty`, (command) => `${command}\0`, isWhole, false);
}

/** BIRD's: lines with a code of four digits, of which the last has a space behind it. */
export function openBirdSocket(birdPid: number): Promise<ControlSocket> {
  const isWhole = (said: string): boolean => /(?:^|\n)\d{4} [^\n]*\n$/.test(said);
  return openSocket(wordAfter(birdPid, '-s'), (command) => `${command}\n`, isWhole, true);
}

/** The word behind an option in the command line of a process. */
function wordAfter(pid: number, option: string): string {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const word = words[words.indexOf(option) + 1];
  if (!words.includes(option) || word === undefined) throw new Error(`process ${pid} was started without ${option}`);
  return word;
}

async function openSocket(
  path: string,
  framed: (command: string) => string,
  isWhole: (said: string) => boolean,
  greets: boolean,
): Promise<ControlSocket> {
  const socket = connect(path);
  await once(socket, 'connect');
  let said = '';
  let waiting: PromiseWithResolvers<string> | undefined;
  socket.setEncoding('latin1').on('data', (text: string) => {
    said += text;
    if (waiting !== undefined && isWhole(said)) waiting.resolve(said);
  });
  const fail = (why: string) => (): void => waiting?.reject(new Error(`${path}: ${why}`));
  socket.on('error', (error) => fail(error.message)());
  socket.on('close', fail('closed'));
  const answer = async (): Promise<string> => {
    const next = Promise.withResolvers<string>();
    waiting = next;
    const timer = setTimeout(fail(`no answer in ${TIMEOUT_MS} ms`), TIMEOUT_MS);
    try {
      if (said !== '' && isWhole(said)) return said;
      return await next.promise;
    } finally {
      clearTimeout(timer);
      waiting = undefined;
      said = '';
    }
  };
  if (greets) await answer();
  return {
    ask(command) {
      socket.write(framed(command), 'latin1');
      return answer();
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}
