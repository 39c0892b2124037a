import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type BusProcess, launchBus } from '@telex/testkit';
import wire, { type WireMessage } from 'dbus-native/lib/message.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bus, openBus } from './bus.ts';
import { addressOfSocket, sessionBusAddress, socketsOf } from './bus-address.ts';
import { BusError, busErrors } from './bus-error.ts';
import type { ExportedInterface } from './bus-objects.ts';
import { variant } from './variant.ts';

const toBus = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};
const faults: unknown[] = [];
const quick = {
  firstPauseMs: 5,
  longestPauseMs: 20,
  onFault: (error: unknown) => void faults.push(error),
};
let daemon: BusProcess;
const opened: Bus[] = [];

beforeEach(async () => {
  daemon = await launchBus();
  faults.length = 0;
});
afterEach(async () => {
  for (const bus of opened.splice(0)) bus.close();
  await daemon.stop();
  expect(faults).toEqual([]);
});

function open(address = daemon.address): Bus {
  const bus = openBus(address, quick);
  opened.push(bus);
  return bus;
}

function nextState(bus: Bus, wanted: 'connected' | 'lost'): Promise<string | undefined> {
  return new Promise((resolve) => {
    const stop = bus.onState((state, why) => {
      if (state !== wanted) return;
      stop();
      resolve(why);
    });
  });
}

/** What a listener was told, and a promise for as many of it as are wanted. */
function collect<Value>() {
  const values: Value[] = [];
  let look = () => {};
  return {
    values,
    add(value: Value) {
      values.push(value);
      look();
    },
    until: (count: number) =>
      new Promise<readonly Value[]>((resolve) => {
        look = () => {
          if (values.length >= count) resolve(values);
        };
        look();
      }),
  };
}

async function own(bus: Bus, name: string): Promise<void> {
  await bus.call({ ...toBus, member: 'RequestName', signature: 'su', body: [name, 4] });
}

const echo: ExportedInterface = {
  name: 'org.example.Echo',
  methods: {
    Say: { in: 'sa{sv}', out: 'sv', run: ([text]) => [text, variant('u', 7)] },
    Fail: {
      in: '',
      out: '',
      run: () => {
        throw new BusError('org.example.Error.Wanted', 'as asked');
      },
    },
    Never: { in: '', out: '', run: () => new Promise(() => {}) },
  },
  properties: { Size: { signature: '(ii)', get: () => [1, 2] } },
  signals: { Happened: 's' },
};

async function pair() {
  const [one, two] = [open(), open()];
  one.exportObject('/echo', [echo]);
  await Promise.all([nextState(one, 'connected'), nextState(two, 'connected')]);
  const target = { destination: one.uniqueName ?? '', path: '/echo', interface: echo.name };
  return { one, two, target };
}

/** A bus that sends replies together with signals in one write. */
function answerTogether(socket: Socket): void {
  socket.once('readable', () => {
    socket.read();
    socket.write('OK 0123456789abcdef0123456789abcdef\r\n');
    socket.once('readable', () => {
      socket.unshift(String(socket.read()).replace('BEGIN\r\n', ''), 'latin1');
      wire.unmarshalMessages(socket, reply, { maxMessageSize: 10_000 }, fail, fail);
    });
  });
  const fail = () => socket.destroy();
  const reply = ({ serial, member }: WireMessage) => {
    const text = (words: readonly string[]) => ({
      signature: 's'.repeat(words.length),
      body: words,
    });
    const answerTo = { serial, replySerial: serial };
    const signal = (from: string, name: string, words: readonly string[]) =>
      wire.marshall({
        ...{ type: 4, serial: serial + 1_000, path: '/x', interface: from, member: name },
        ...{ sender: from, ...text(words) },
      });
    const { interface: busName } = toBus;
    switch (member) {
      case 'Hello':
        socket.write(wire.marshall({ type: 2, ...answerTo, ...text([':1.5']) }));
        break;
      case 'GetNameOwner':
        socket.write(
          Buffer.concat([
            wire.marshall({ type: 3, ...answerTo, errorName: busErrors.nameHasNoOwner }),
            signal(busName, 'NameOwnerChanged', ['org.example.Late', '', ':1.9']),
          ]),
        );
        break;
      case 'Do':
        socket.write(
          Buffer.concat([
            signal(echo.name, 'Happened', ['before']),
            wire.marshall({ type: 2, ...answerTo, signature: 'u', body: [9] }),
            signal(echo.name, 'Happened', ['after']),
          ]),
        );
    }
  };
}

describe('calls', () => {
  test('a call made before the connection is open waits for it', async () => {
    const [id] = await open().call({ ...toBus, member: 'GetId' });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  test('values go there and back as their signatures say', async () => {
    const { two, target } = await pair();
    const body = ['grüß 😀', [['any', variant('as', ['a', 'b'])]]];
    expect(await two.call({ ...target, member: 'Say', signature: 'sa{sv}', body })).toEqual([
      'grüß 😀',
      7,
    ]);
  });

  test('[B1] an error comes with its D-Bus name', async () => {
    const { two, target } = await pair();
    const failures = [
      [{ ...target, member: 'Fail' }, 'org.example.Error.Wanted'],
      [{ ...target, member: 'Nothing' }, busErrors.unknownMethod],
      [{ ...target, member: 'toString' }, busErrors.unknownMethod],
      [{ ...target, path: '/other', member: 'Say' }, busErrors.unknownObject],
      [{ ...target, interface: 'org.example.Other', member: 'Say' }, busErrors.unknownInterface],
      [{ ...target, member: 'Say', signature: 's', body: [''] }, busErrors.invalidArguments],
      [{ ...target, destination: 'org.example.None', member: 'Say' }, busErrors.serviceUnknown],
    ] as const;
    for (const [call, errorName] of failures) {
      await expect(two.call(call)).rejects.toMatchObject({ name: 'BusError', errorName });
    }
  });

  test('[B1] a body that does not fit, or a path that is none, rejects and never throws', async () => {
    const { two, target } = await pair();
    const wrong = [
      { ...target, member: 'Say', signature: 'u', body: ['text'] },
      { ...target, member: 'Say', signature: 's', body: [undefined] },
      { ...target, path: 'no path', member: 'Say' },
    ];
    for (const call of wrong) await expect(two.call(call)).rejects.toBeInstanceOf(BusError);
    await expect(two.call({ ...toBus, member: 'GetId' })).resolves.toHaveLength(1);
  });

  test('[B1] a peer that never answers is given up', async () => {
    const { two, target } = await pair();
    const answer = two.call({ ...target, member: 'Never', timeoutMs: 10 });
    await expect(answer).rejects.toMatchObject({ errorName: busErrors.noReply });
  });
});

test('an exported object tells its properties and describes itself', async () => {
  const { two, target } = await pair();
  const properties = { ...target, interface: 'org.freedesktop.DBus.Properties' };
  const get = (...body: string[]) =>
    two.call({ ...properties, member: 'Get', signature: 'ss', body });
  const all = (from: string) =>
    two.call({ ...properties, member: 'GetAll', signature: 's', body: [from] });
  expect(await get(echo.name, 'Size')).toEqual([[1, 2]]);
  await expect(get(echo.name, 'Other')).rejects.toMatchObject({
    errorName: busErrors.unknownProperty,
  });
  expect(await all(echo.name)).toEqual([{ Size: [1, 2] }]);
  expect(await all('org.freedesktop.DBus.Properties')).toEqual([{}]);
  const body = [echo.name, 'Size', variant('(ii)', [3, 4])];
  await expect(
    two.call({ ...properties, member: 'Set', signature: 'ssv', body }),
  ).rejects.toMatchObject({ errorName: busErrors.propertyReadOnly });
  const [description] = await two.call({
    ...{ ...target, interface: 'org.freedesktop.DBus.Introspectable', member: 'Introspect' },
  });
  expect(description).toContain(
    '<method name="Say"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/>',
  );
  expect(description).toContain('<property name="Size" type="(ii)" access="read"/>');
});

describe('signals', () => {
  test('[B2] replies and signals of one read are told in their order, an await going on before what came after it', async () => {
    const server = createServer((socket) => answerTogether(socket));
    const path = join(daemon.folder, 'together');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const bus = open(addressOfSocket(path));
    const order: string[] = [];
    const told = Promise.withResolvers<void>();
    bus.onSignal({ interface: echo.name, member: 'Happened' }, ({ body }) => {
      order.push(`signal ${body[0]}`);
      if (order.length === 3) told.resolve();
    });
    const call = { destination: ':1.1', path: '/x', interface: echo.name, member: 'Do' };
    const [id] = await bus.call(call);
    order.push(`reply ${id}`);
    await told.promise;
    expect(order).toEqual(['signal before', 'reply 9', 'signal after']);
    bus.close();
    server.close();
  });

  test('[B3] only what matches is told, and only from the owner of the name', async () => {
    const { one, two } = await pair();
    await own(one, 'org.example.Real');
    const seen = collect<unknown>();
    const stop = two.onSignal(
      { sender: 'org.example.Real', interface: echo.name, member: 'Happened' },
      ({ body }) => seen.add(body[0]),
    );
    await two.call({ ...toBus, member: 'GetId' });
    const liar = open();
    await liar.call({ ...toBus, member: 'GetId' });
    const happened = { path: '/x', interface: echo.name, member: 'Happened', signature: 's' };
    liar.emit({ ...happened, body: ['lie'] });
    await liar.call({ ...toBus, member: 'GetId' });
    one.emit({ ...happened, member: 'Other', body: ['other'] });
    one.emit({ ...happened, body: ['truth'] });
    expect(await seen.until(1)).toEqual(['truth']);
    stop();
    one.emit({ ...happened, body: ['unheard'] });
    await one.call({ ...toBus, member: 'GetId' });
    await two.call({ ...toBus, member: 'GetId' });
    expect(seen.values).toEqual(['truth']);
  });
});

describe('names', () => {
  test('an owner that appears in the same read as the answer "nobody" stays known', async () => {
    const server = createServer((socket) => answerTogether(socket));
    const path = join(daemon.folder, 'together');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const bus = open(addressOfSocket(path));
    const owners = collect<string | undefined>();
    bus.watchName('org.example.Late', (owner) => owners.add(owner));
    expect((await owners.until(2)).at(-1)).toBe(':1.9');
    bus.close();
    server.close();
  });

  test('the owner is told at once, at each change and after a restart of the bus', async () => {
    const { one, two } = await pair();
    const name = 'org.example.Watched';
    const owners = collect<string | undefined>();
    two.watchName(name, (owner) => owners.add(owner));
    expect(await owners.until(1)).toEqual([undefined]);
    await own(one, name);
    const first = one.uniqueName;
    expect(await owners.until(2)).toEqual([undefined, first]);
    const again = collect<string | undefined>();
    two.watchName(name, (owner) => again.add(owner));
    expect(await again.until(1)).toEqual([first]);
    one.close();
    expect(await owners.until(3)).toEqual([undefined, first, undefined]);

    const back = nextState(two, 'connected');
    await daemon.restart();
    await back;
    const other = open();
    await own(other, name);
    expect((await owners.until(4)).at(-1)).toBe(other.uniqueName);
  });
});

describe('when the bus goes', () => {
  test('[B1] [B4] pending calls reject at once, later ones too, and everything holds again after a restart', async () => {
    const { one, two, target } = await pair();
    const seen = collect<unknown>();
    two.onSignal({ interface: echo.name, member: 'Happened' }, ({ body }) => seen.add(body[0]));
    const pending = expect(two.call({ ...target, member: 'Never' })).rejects.toMatchObject({
      errorName: busErrors.disconnected,
    });
    const lost = Promise.all([nextState(one, 'lost'), nextState(two, 'lost')]);
    await daemon.kill();
    await pending;
    await lost;
    const late = two.call({ ...target, member: 'Never' });
    await expect(late).rejects.toMatchObject({ errorName: busErrors.disconnected });
    one.emit({ path: '/x', interface: echo.name, member: 'Happened', signature: 's', body: ['-'] });

    const back = Promise.all([nextState(one, 'connected'), nextState(two, 'connected')]);
    await daemon.restart();
    await back;
    const moved = { ...target, destination: one.uniqueName ?? '' };
    const body = ['again', []];
    await expect(
      two.call({ ...moved, member: 'Say', signature: 'sa{sv}', body }),
    ).resolves.toMatchObject(['again', 7]);
    one.emit({ path: '/x', interface: echo.name, member: 'Happened', signature: 's', body: ['+'] });
    expect(await seen.until(1)).toEqual(['+']);
  });

  test('[B4] it may come later than we', async () => {
    await daemon.kill();
    const bus = open();
    await expect(bus.call({ ...toBus, member: 'GetId' })).rejects.toBeInstanceOf(BusError);
    const back = nextState(bus, 'connected');
    await daemon.restart();
    await back;
    await expect(bus.call({ ...toBus, member: 'GetId' })).resolves.toHaveLength(1);
  });

  test.each(['unix:path=/nowhere/at/all', 'tcp:host=localhost,port=1', '', 'nonsense;;=,unix:'])(
    'the address "%s" ends nothing',
    async (address) => {
      const bus = open(address);
      expect(await nextState(bus, 'lost')).not.toBe('');
      await expect(bus.call({ ...toBus, member: 'GetId' })).rejects.toBeInstanceOf(BusError);
    },
  );

  test('the second address is taken where the first leads nowhere', async () => {
    const bus = open(`unix:path=/nowhere/at/all;${daemon.address}`);
    await expect(bus.call({ ...toBus, member: 'GetId' })).resolves.toHaveLength(1);
  });
});

describe('a bus that is broken', () => {
  let server: Server;
  const sockets = new Set<Socket>();
  let connections: number;

  async function serve(talk: (socket: Socket) => void): Promise<string> {
    connections = 0;
    server = createServer((socket) => {
      connections += 1;
      sockets.add(socket);
      socket.on('error', () => {});
      talk(socket);
    });
    const path = join(daemon.folder, 'broken');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return addressOfSocket(path);
  }
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('[B5] malformed traffic is an end of the connection, and it is dialled again', async () => {
    const junk = [
      Buffer.from('l\u0002\u0000\u0007', 'latin1'),
      Buffer.alloc(4_096, 0xff),
      Buffer.from('l\u0004\u0000\u0001\u00ff\u00ff\u00ff\u007f\u0001\u0000\u0000\u0000', 'latin1'),
      Buffer.concat([Buffer.from('l\u0004\u0000\u0001'), Buffer.alloc(60, 7)]),
    ];
    const address = await serve((socket) => {
      let isIn = false;
      socket.on('data', () => {
        if (!isIn) socket.write('OK 0123456789abcdef0123456789abcdef\r\n');
        else socket.end(Buffer.concat([junk[connections % junk.length] ?? Buffer.alloc(16, 1)]));
        isIn = true;
      });
    });
    const bus = open(address);
    await expect(bus.call({ ...toBus, member: 'GetId' })).rejects.toBeInstanceOf(BusError);
    await expect.poll(() => connections).toBeGreaterThan(5);
  });

  test.each(['REJECTED EXTERNAL\r\n', 'x'.repeat(5_000), '\r\n'])(
    'an answer %# to our greeting that is no yes',
    async (words) => {
      const bus = open(await serve((socket) => socket.write(words)));
      expect(await nextState(bus, 'lost')).toMatch(/refused/);
    },
  );
});

test('[B6] close is done at once although the bus is frozen, twice too, and rejects what waits', async () => {
  const { two, target } = await pair();
  daemon.freeze();
  const pending = two.call({ ...target, member: 'Never' });
  two.close();
  two.close();
  await expect(pending).rejects.toMatchObject({ errorName: busErrors.disconnected });
  await expect(two.call({ ...target, member: 'Never' })).rejects.toBeInstanceOf(BusError);
  expect(two.uniqueName).toBeUndefined();
  daemon.thaw();
});

describe('addresses', () => {
  test('the environment’s comes first, then the socket of the runtime folder', () => {
    const runtimeDir = '/run/user/1000';
    expect(sessionBusAddress({ sessionBus: 'unix:abstract=x', runtimeDir })).toBe(
      'unix:abstract=x',
    );
    expect(sessionBusAddress({ sessionBus: undefined, runtimeDir })).toBe(
      'unix:path=/run/user/1000/bus',
    );
    expect(sessionBusAddress({ sessionBus: undefined, runtimeDir: undefined })).toBeUndefined();
  });

  test('escaped characters, abstract names and several entries are read', () => {
    expect(socketsOf('unix:path=/tmp/a%20b%2cc,guid=12;unix:abstract=/tmp/x;tcp:host=a')).toEqual([
      { path: '/tmp/a b,c' },
      { path: '\0/tmp/x' },
    ]);
    expect(socketsOf(addressOfSocket('/tmp/ü,;= %'))).toEqual([{ path: '/tmp/ü,;= %' }]);
  });
});
