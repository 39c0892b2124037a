import { HubError } from '../src/index.ts';
import { errorObject } from './errors.ts';
import { type Fields, Undecodable } from './fields.ts';
import type { ApiHost, Call, Method } from './method.ts';
import { methods } from './methods.ts';

/**
 * `{"commands":[{"publish":{…}},…]}`: every command is read before the first one is carried out; then
 * each has its reply, in order, and a fault of one is no fault of the others. `parallel` changes nothing
 * where everything is done within one turn.
 */
export const batch: Method = (fields, host) => {
  fields.flag('parallel');
  const calls = fields.objects('commands').map((command) => readCommand(command, host));
  return () => `{"replies":[${calls.map((call) => call()).join(',')}]}`;
};

/** A call that does not throw. */
function readCommand(command: Fields, host: ApiHost): Call {
  const name = command.names().find((one) => isMethod(one));
  const parameters = name === undefined ? undefined : command.object(name);
  if (name === undefined || parameters === undefined) {
    return () => errorReply(new HubError('methodNotFound'), host);
  }
  try {
    const call = methods[name](parameters, host);
    return () => {
      try {
        return `{"${name}":${call()}}`;
      } catch (fault) {
        return errorReply(fault, host);
      }
    };
  } catch (fault) {
    if (fault instanceof Undecodable) throw fault;
    return () => errorReply(fault, host);
  }
}

function errorReply(fault: unknown, host: ApiHost): string {
  return `{"error":${errorObject(fault, host)}}`;
}

function isMethod(name: string): name is keyof typeof methods {
  return Object.hasOwn(methods, name);
}
