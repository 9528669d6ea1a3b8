// Opens a lab, says what is in it as one line of JSON, and waits to be killed. Started by lab.test.ts.
import { openLab } from '@steelyard/testkit';

const lab = await openLab();
const hub = await lab.switch('hub');
const node = await lab.namespace('node');
await lab.attach(node, hub, { addresses: ['192.0.2.1/24'] });
node.spawn('sleep', ['1000']);
process.stdout.write(`${JSON.stringify({ holderPids: [hub.namespace.holderPid, node.holderPid] })}\n`);
process.on('message', () => {
  throw new Error('an exception that nobody expects');
});
