// npm run demo: the story that every guide to load balancers on bare metal tells, on one machine.
import { runDemo } from './demo.ts';
import { parseOptions, USAGE } from './options.ts';

const options = parseOptions(process.argv.slice(2));
if (options === 'help') {
  process.stdout.write(USAGE);
} else if ('wrong' in options) {
  process.stderr.write(`${options.wrong}\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  // Whatever a failure has left running would keep this process, and it in turn the rest.
  process.exit(await runDemo(options));
}
