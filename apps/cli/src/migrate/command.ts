import { formatMigration, migrateLegacyConfigMap } from '@steelyard/config';
import { Command } from 'commander';
import { CommandFailure, reasonOf } from '../failure.ts';
import { type Surroundings, writeText } from '../surroundings.ts';
import { readSource, type SourceFlags } from './read-source.ts';
import { formatProblems } from './report.ts';
import { writeWhole } from './write-whole.ts';

interface MigrateFlags extends SourceFlags {
  readonly output?: string;
  readonly stdout?: boolean;
}

/** `steelyard migrate`. */
export function migrateCommand(surroundings: Surroundings, exit: (code: number) => void): Command {
  return new Command('migrate')
    .summary('convert the ConfigMap of MetalLB 0.12 and before into objects')
    .description(
      'Converts the ConfigMap that configured MetalLB up to version 0.12 into objects of metallb.io, as the configmaptocrs of MetalLB does, and writes them to standard output. It changes nothing in a cluster.',
    )
    .argument(
      '[file]',
      'the ConfigMap in YAML or JSON; - is standard input, and so is nothing where something is piped in',
    )
    .option('--source <file>', 'the same as [file], for who comes from configmaptocrs')
    .option('--from-cluster', 'read the ConfigMap "config" from the cluster')
    .option('--only-data', 'the file is what stands in the ConfigMap under the key "config", without the ConfigMap')
    .option(
      '-n, --namespace <name>',
      'the namespace of the ConfigMap in the cluster, and of the objects (metallb-system)',
    )
    .option('--kubeconfig <file>', 'the kubeconfig for --from-cluster (KUBECONFIG, the Pod, ~/.kube/config)')
    .option('-o, --output <file>', 'write to this file, all of it or nothing; only you may read it')
    .option('--stdout', 'write to standard output, which is the default')
    .addHelpText(
      'after',
      `
Exit code: 0 when everything is written, 1 when nothing is because something is wrong, 2 when the call is wrong.

Examples:
  kubectl get configmap -n metallb-system config -o yaml | steelyard migrate
  steelyard migrate --from-cluster -o resources.yaml
  steelyard migrate --only-data metallb-config.yaml | kubectl apply -f -`,
    )
    .action(async (file: string | undefined, flags: MigrateFlags) => {
      exit(await migrate(file, flags, surroundings));
    });
}

async function migrate(file: string | undefined, flags: MigrateFlags, surroundings: Surroundings): Promise<number> {
  const output = flags.output === '-' ? undefined : flags.output;
  if (flags.stdout === true && output !== undefined) {
    throw new CommandFailure(2, 'error: --stdout and --output are two places: give one of them');
  }
  const { source, label } = await readSource(file, flags, surroundings);
  const { objects, problems } = migrateLegacyConfigMap(source, { namespace: flags.namespace });
  const failed = problems.some(({ severity }) => severity === 'error');
  if (problems.length > 0) {
    await writeText(surroundings.stderr, formatProblems(problems, label, surroundings));
  }
  if (failed) {
    return 1;
  }
  const text = formatMigration(objects);
  if (output === undefined) {
    await writeText(surroundings.stdout, text).catch((error: unknown) => {
      throw new CommandFailure(1, `standard output: error: ${reasonOf(error)}`);
    });
  } else {
    await writeWhole(output, text);
  }
  return 0;
}
