import { conformance } from './conformance.ts';
import { inProcessHub } from './test/in-process-hub.ts';

conformance(inProcessHub);
