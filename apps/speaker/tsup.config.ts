import { app } from '../tsup.app.ts';

// Two files, one for each thread: the wire thread loads no Kubernetes.
export default app({ main: 'src/main.ts', control: 'src/control.ts' });
