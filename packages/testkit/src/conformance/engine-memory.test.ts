import { conformance } from './conformance.ts';
import { engineTarget } from './targets.ts';

conformance(engineTarget);
