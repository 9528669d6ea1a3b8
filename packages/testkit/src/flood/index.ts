// A storm of ARP requests from C, and the compiler for such programs. A door of its own: those who measure memory
// load nothing else of the testkit with it.
export { compileProgram, hasCompiler } from './compile.ts';
export { compileFlood, type FloodOptions, type FloodReport, type RunProgram } from './flood.ts';
