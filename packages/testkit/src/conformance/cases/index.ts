import type { ConformanceCase } from '../case.ts';
import { connectCases } from './connect.ts';

export const allCases: readonly ConformanceCase[] = [...connectCases];
