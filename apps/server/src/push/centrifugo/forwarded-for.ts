import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/**
 * `X-Forwarded-For` for whom we hand a request on to: what the peer says only where it is trusted, and
 * the peer's own address.
 * @param networks addresses and networks that are trusted
 */
export function forwardedForOf(
  networks: readonly string[],
): (request: Pick<IncomingMessage, 'socket' | 'headers'>) => string {
  const trusted = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = familyOf(address);
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return ({ socket, headers }) => {
    const peer = socket.remoteAddress ?? '';
    const isTrusted = isIP(peer) !== 0 && trusted.check(peer, familyOf(peer));
    const before = isTrusted ? headers['x-forwarded-for'] : undefined;
    return typeof before === 'string' ? `${before}, ${peer}` : peer;
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
