export { clockContract } from './clock-contract.ts';
export { marksStoreContract } from './marks-contract.ts';
