import { BusError, busErrors } from './bus-error.ts';
import { type Variant, variant } from './variant.ts';

/** A method as it is exported: signatures of its arguments and of its answer, in D-Bus's notation. */
export interface ExportedMethod {
  readonly in: string;
  readonly out: string;
  /** The arguments fit `in`: others are refused before. What it throws or rejects with is sent as an error. */
  run(body: readonly unknown[]): readonly unknown[] | Promise<readonly unknown[]>;
}

export interface ExportedInterface {
  readonly name: string;
  readonly methods: Readonly<Record<string, ExportedMethod>>;
  /** All of them are read-only. */
  readonly properties?: Readonly<Record<string, { readonly signature: string; get(): unknown }>>;
  /** Signatures, by name; for introspection. */
  readonly signals?: Readonly<Record<string, string>>;
}

/** A call that came in for one of our objects. */
export interface IncomingCall {
  readonly interface: string | undefined;
  readonly member: string;
  readonly signature: string;
  readonly body: readonly unknown[];
}

export interface Answer {
  readonly signature: string;
  readonly body: readonly unknown[];
}

/** Answers a call to an object; rejects with what to answer as an error. */
export async function answerCall(
  interfaces: readonly ExportedInterface[],
  call: IncomingCall,
): Promise<Answer> {
  const all = [...interfaces, ...standardInterfaces(interfaces)];
  const named =
    call.interface === undefined ? all : all.filter(({ name }) => name === call.interface);
  if (named.length === 0) {
    throw new BusError(busErrors.unknownInterface, `no interface ${call.interface} here`);
  }
  const method = named
    .map(({ methods }) => (Object.hasOwn(methods, call.member) ? methods[call.member] : undefined))
    .find((found) => found !== undefined);
  if (method === undefined) {
    throw new BusError(busErrors.unknownMethod, `no method ${call.member} here`);
  }
  if (method.in !== call.signature) {
    throw new BusError(
      busErrors.invalidArguments,
      `${call.member} takes "${method.in}", not "${call.signature}"`,
    );
  }
  return { signature: method.out, body: await method.run(call.body) };
}

/** What every object answers: D-Bus specification, "Standard Interfaces". */
function standardInterfaces(own: readonly ExportedInterface[]): readonly ExportedInterface[] {
  const standard: readonly ExportedInterface[] = [
    {
      name: 'org.freedesktop.DBus.Properties',
      methods: {
        Get: { in: 'ss', out: 'v', run: ([from, name]) => [getProperty(own, from, name)] },
        GetAll: { in: 's', out: 'a{sv}', run: ([from]) => [allProperties(own, from)] },
        Set: { in: 'ssv', out: '', run: refuseSet },
      },
      signals: { PropertiesChanged: 'sa{sv}as' },
    },
    {
      name: 'org.freedesktop.DBus.Introspectable',
      methods: { Introspect: { in: '', out: 's', run: () => [introspection(standard, own)] } },
    },
    {
      name: 'org.freedesktop.DBus.Peer',
      methods: { Ping: { in: '', out: '', run: () => [] } },
    },
  ];
  return standard;
}

function getProperty(own: readonly ExportedInterface[], from: unknown, name: unknown): Variant {
  for (const { name: candidate, properties = {} } of own) {
    if (from !== candidate && from !== '') continue;
    const property =
      typeof name === 'string' && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property !== undefined) return variant(property.signature, property.get());
  }
  throw new BusError(busErrors.unknownProperty, 'no such property here');
}

/** Empty for interfaces without properties, such as the standard ones: xfce4-panel asks those too. */
function allProperties(own: readonly ExportedInterface[], from: unknown): [string, Variant][] {
  return own
    .filter(({ name }) => name === from || from === '')
    .flatMap(({ properties = {} }) => Object.entries(properties))
    .map(([name, property]) => [name, variant(property.signature, property.get())]);
}

function refuseSet(): never {
  throw new BusError(busErrors.propertyReadOnly, 'all properties here are read-only');
}

function introspection(
  standard: readonly ExportedInterface[],
  own: readonly ExportedInterface[],
): string {
  const described = [...own, ...standard].map(({ name, methods, properties, signals }) => {
    const lines = [
      ...Object.entries(methods).map(
        ([member, { in: given, out }]) =>
          `<method name="${member}">${argumentsOf(given, 'in')}${argumentsOf(out, 'out')}</method>`,
      ),
      ...Object.entries(properties ?? {}).map(
        ([member, { signature }]) =>
          `<property name="${member}" type="${signature}" access="read"/>`,
      ),
      ...Object.entries(signals ?? {}).map(
        ([member, signature]) => `<signal name="${member}">${argumentsOf(signature)}</signal>`,
      ),
    ];
    return `<interface name="${name}">${lines.join('')}</interface>`;
  });
  return `<node>${described.join('')}</node>`;
}

function argumentsOf(signature: string, direction?: 'in' | 'out'): string {
  const attribute = direction === undefined ? '' : ` direction="${direction}"`;
  return completeTypes(signature)
    .map((type) => `<arg type="${type}"${attribute}/>`)
    .join('');
}

/** `ia{sv}av` → `i`, `a{sv}`, `av`. */
function completeTypes(signature: string): readonly string[] {
  const types: string[] = [];
  let type = '';
  let depth = 0;
  for (const code of signature) {
    type += code;
    if (code === '(' || code === '{') depth += 1;
    if (code === ')' || code === '}') depth -= 1;
    if (depth > 0 || code === 'a') continue;
    types.push(type);
    type = '';
  }
  return types;
}
