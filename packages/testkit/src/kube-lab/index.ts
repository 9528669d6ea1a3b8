export { type BuildOptions, type BuiltKubeLab, buildKubeLab, type KubeLab } from './build.ts';
export { type ControlPlane, type ControlPlaneOptions, openRealControlPlane } from './control-plane.ts';
export type { KubectlOptions } from './kubectl.ts';
