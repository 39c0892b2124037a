import type { IncomingHttpHeaders } from 'node:http';
import type {
  Body,
  Pagination,
  Query,
  ReplyInput,
  RouteName,
  RouteParameters,
  Routes,
} from '@telex/contract';

/** Who makes the request, as its token says. */
export interface Caller {
  /** User id. */
  readonly id: string;
  readonly sessionId: string;
}

/** What a handler gets: everything is checked already, nothing needs to be checked again. */
export interface Context<Name extends RouteName> {
  readonly body: Body<Name>;
  readonly query: Query<Name>;
  readonly params: RouteParameters<Name>;
  readonly headers: IncomingHttpHeaders;
  /** On routes without a token: undefined. */
  readonly user: Routes[Name]['auth'] extends 'none' ? undefined : Caller;
  /** The `Idempotency-Key` header of a route that takes one. */
  readonly idempotencyKey: string | undefined;
  readonly requestId: string;
  /** Address of the client, behind trusted proxies that of `X-Forwarded-For`. */
  readonly ip: string;
}

type Data<Name extends RouteName> = Routes[Name] extends { readonly reply: unknown }
  ? { readonly data: ReplyInput<Name> }
  : { readonly data?: null };

/** A success. Failures are thrown as `TelexError`. */
export type Result<Name extends RouteName> = Data<Name> & {
  readonly pagination?: Pagination;
  /** Only where it differs from the route's. */
  readonly status?: number;
  /** Free text for people; default: OK. */
  readonly message?: string;
};

export type Handler<Name extends RouteName> = (context: Context<Name>) => Promise<Result<Name>>;

/** The handlers of a feature, by the names of the contract's routes. */
export type Handlers = { readonly [Name in RouteName]?: Handler<Name> };
