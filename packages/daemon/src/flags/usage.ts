import type { FlagDefinition, FlagDefinitions } from './definition.ts';
import { formatGoDuration } from './go-values.ts';

/** Go's `UnquoteUsage`: a name in back quotes inside the help text names the value. */
function valueName(definition: FlagDefinition): { readonly name: string; readonly help: string } {
  const quoted = /`([^`]*)`/.exec(definition.help);
  if (quoted?.[1] !== undefined) return { name: quoted[1], help: definition.help.replace(quoted[0], quoted[1]) };
  return { name: definition.type === 'bool' ? '' : definition.type, help: definition.help };
}

function shownDefault(definition: FlagDefinition): string {
  if (definition.default === undefined) return '';
  switch (definition.type) {
    case 'string':
      return definition.default === '' ? '' : ` (default ${JSON.stringify(definition.default)})`;
    case 'bool':
      return definition.default ? ' (default true)' : '';
    case 'int':
      return definition.default === 0 ? '' : ` (default ${definition.default})`;
    case 'duration':
      return definition.default === 0 ? '' : ` (default ${formatGoDuration(definition.default)})`;
  }
}

/** The text of `-h`, laid out as Go's `PrintDefaults` does, with the environment variable behind each flag. */
export function formatGoUsage(program: string, definitions: FlagDefinitions): string {
  const lines = [`Usage of ${program}:`];
  for (const [flag, definition] of Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { name, help } = valueName(definition);
    const words = definition.type === 'string' && definition.oneOf ? ` (${definition.oneOf.join('|')})` : '';
    const env = definition.env === undefined ? '' : ` [$${definition.env}]`;
    const notYet = definition.notYet === undefined ? '' : ' (accepted; without effect yet)';
    lines.push(`  -${flag}${name === '' ? '' : ` ${name}`}`);
    lines.push(`    \t${help.replaceAll('\n', '\n    \t')}${words}${env}${notYet}${shownDefault(definition)}`);
  }
  return `${lines.join('\n')}\n`;
}
