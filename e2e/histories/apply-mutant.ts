import { registerHooks } from 'node:module';
import { MUTANTS } from './mutants.ts';

/** Puts the mutant that is named in the environment into the sources as they are loaded; the files stay as they are. */
const mutant = MUTANTS.find(({ name }) => name === process.env['STEELYARD_MUTANT']);
if (mutant === undefined) throw new RangeError('STEELYARD_MUTANT names no mutant');
const replacements = [mutant, ...(mutant.also === undefined ? [] : [mutant.also])];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const found = replacements.find(({ file }) => url === new URL(`../../${file}`, import.meta.url).href);
    if (found === undefined || loaded.source === undefined || loaded.source === null) return loaded;
    const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: source.replace(found.find, () => found.replace) };
  },
});
