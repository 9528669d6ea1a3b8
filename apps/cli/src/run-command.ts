import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { bgpCommand } from './bgp-decode/command.ts';
import { CommandFailure, oneLine } from './failure.ts';
import { migrateCommand } from './migrate/command.ts';
import { withDoubleHyphens } from './migrate/go-flags.ts';
import { type Surroundings, writeText } from './surroundings.ts';

/**
 * Runs `steelyard` with these arguments.
 *
 * @returns The exit code: 0, 1 if it could not do what it was asked to, 2 if it was asked wrongly. Never rejects.
 */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const said: { readonly to: 'stdout' | 'stderr'; readonly text: string }[] = [];
  const program = new Command('steelyard')
    .description('Asks and prepares what a cluster with Steelyard needs.')
    .version(manifest.version, '-V, --version', 'print the version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => said.push({ to: 'stdout', text }),
      writeErr: (text) => said.push({ to: 'stderr', text }),
    })
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText(
      'after',
      `
Example, from the ConfigMap of MetalLB 0.12 to objects:
  steelyard migrate --from-cluster > resources.yaml
  kubectl apply -f resources.yaml`,
    );
  let exitCode = 0;
  const exit = (code: number): void => {
    exitCode = code;
  };
  program.addCommand(migrateCommand(surroundings, exit).copyInheritedSettings(program));
  program.addCommand(withSettings(bgpCommand(surroundings, exit), program));
  try {
    await program.parseAsync(withDoubleHyphens(args), { from: 'user' });
  } catch (error) {
    exitCode = tell(error, said);
  }
  try {
    for (const { to, text } of said) {
      await writeText(surroundings[to], text);
    }
  } catch {
    return 1; // whoever asked is gone
  }
  return exitCode;
}

/** For a command with commands of its own. */
function withSettings(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const inner of command.commands) inner.copyInheritedSettings(parent);
  return command;
}

function tell(error: unknown, said: { readonly to: 'stdout' | 'stderr'; readonly text: string }[]): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : 2; // it has said what is wrong
  }
  const message = error instanceof Error ? error.message : String(error);
  said.push({ to: 'stderr', text: `${message.split('\n').map(oneLine).join('\n')}\n` });
  return error instanceof CommandFailure ? error.exitCode : 1;
}
