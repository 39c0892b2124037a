import { conformance } from './conformance.ts';
import { hubTarget } from './targets.ts';

conformance(hubTarget);
