import type * as X509 from '@peculiar/x509';

/** The library's exports. */
export type X509Library = (typeof X509)['default'];

let loading: Promise<X509Library> | undefined;

type MetadataReader = (key: unknown, target: unknown) => unknown;
type ReflectWithMetadata = typeof Reflect & {
  getMetadata?: MetadataReader | undefined;
  getOwnMetadata?: MetadataReader | undefined;
};

/** Of its CommonJS all is under `default`, for Node.js and for bundlers alike; its ES module, which some bundlers take, has none. */
function exportsOf(library: X509Library | { readonly default: X509Library }): X509Library {
  return 'default' in library ? library.default : library;
}

/**
 * `@peculiar/x509` stands on tsyringe, which refuses to load without a polyfill of `Reflect.getMetadata` and asks it, while
 * loading only, for the types of constructor parameters. The library's classes have none, so "nothing is known" is a true
 * answer; it is given for as long as the loading takes, and nothing is left behind in a global of the program.
 */
async function load(): Promise<X509Library> {
  const reflect: ReflectWithMetadata = Reflect;
  if (reflect.getMetadata !== undefined) return exportsOf(await import('@peculiar/x509'));
  const unknown: MetadataReader = () => undefined;
  reflect.getMetadata = unknown;
  reflect.getOwnMetadata = unknown;
  try {
    return exportsOf(await import('@peculiar/x509'));
  } finally {
    if (reflect.getMetadata === unknown) {
      delete reflect.getMetadata;
      delete reflect.getOwnMetadata;
    }
  }
}

/** The library that writes certificates: it costs memory, so it is loaded when something is issued, not before. */
export function x509Library(): Promise<X509Library> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
