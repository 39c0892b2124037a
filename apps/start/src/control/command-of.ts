import { StartError } from '../errors.ts';
import { readDeepLink } from '../main-app/deep-link.ts';
import type { MenuCommand } from '../tray/menu-command.ts';
import type { ControlRequest } from './protocol.ts';

type Asking = Exclude<
  ControlRequest,
  { readonly command: 'status' | 'login' | 'raise' | 'recent' }
>;

/** What a request of the control socket asks for. Throws `StartError` for a link that is none. */
export function commandOf(request: Asking): MenuCommand {
  switch (request.command) {
    case 'open': {
      const target = request.link === undefined ? 'none' : readDeepLink(request.link);
      if (target === undefined) {
        throw new StartError(
          'bad_request',
          'This is no link into Telex. It looks like telex://org/ORGANISATION/channel/CHANNEL/thread/THREAD.',
        );
      }
      return target === 'none' ? { kind: 'open' } : { kind: 'open', target };
    }
    case 'close':
      return { kind: 'close-main-app' };
    case 'pause':
      return { kind: 'pause', length: request.length };
    case 'unmute':
      return { kind: 'unmute', scope: request.scope };
    default:
      return { kind: request.command };
  }
}
