export { systemClock } from './clock.ts';
export { createFileMarks, createMemoryMarks } from './file-marks.ts';
export { createNodeHttp, type NodeHttp } from './http.ts';
export { createNodePorts, type NodePortsOptions } from './ports.ts';
export { createNodeWebSockets, type NodeWebSockets } from './web-socket.ts';
