export { type ApiAnswer, answerApi, type ErrorMode, methodNames } from './api.ts';
export type { ApiHost, NodeInfo } from './method.ts';
