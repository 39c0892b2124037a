import { type Body, TelexError } from '@telex/contract';
import type { Row } from '../db/schema.ts';
import { type AccountStore, normalEmail } from './account-store.ts';
import type { LoginGuard } from './login-guard.ts';
import { type Passwords, weaknessOf } from './passwords.ts';

export interface AccountsOptions {
  readonly store: AccountStore;
  readonly passwords: Passwords;
  readonly guard: LoginGuard;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

/** People and their passwords. */
export class Accounts {
  readonly #options: AccountsOptions;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** @throws TelexError `weak_password`, `email_taken`, `username_taken`, `busy` */
  async register(
    person: Body<'register'>,
    options: { readonly isDemo?: boolean } = {},
  ): Promise<string> {
    const { store, passwords, newId, nowMs } = this.#options;
    const email = normalEmail(person.email);
    const username = person.username ?? email.split('@')[0] ?? email;
    const weakness = weaknessOf(person.password, { email, username });
    if (weakness !== undefined) throw new TelexError('weak_password', weakness);
    const hash = await passwords.hash(person.password);
    const id = newId();
    const now = nowMs();
    const row = {
      id,
      email,
      username,
      password_hash: hash,
      first_name: person.first_name ?? '',
      last_name: person.last_name ?? '',
      is_demo: options.isDemo === true ? 1 : 0,
      created_at: now,
      updated_at: now,
    } as const;
    let outcome = await store.insert(row);
    // A name that was not asked for gets a tail until it is free.
    for (let tries = 0; outcome === 'username_taken' && person.username === undefined; tries += 1) {
      if (tries === 5) break;
      outcome = await store.insert({ ...row, username: `${username}-${tail(newId())}` });
    }
    if (outcome === 'inserted') return id;
    throw new TelexError(outcome);
  }

  /** @throws TelexError `wrong_credentials`, `too_many_requests`, `busy` */
  async logIn(login: Body<'login'>, ip: string): Promise<Row<'users'>> {
    const { store } = this.#options;
    const email = normalEmail(login.email);
    const user = await store.byEmail(email);
    await this.#check(ip, email, user?.password_hash, login.password, 'wrong_credentials');
    if (user === undefined) throw new TelexError('wrong_credentials');
    return user;
  }

  /** @throws TelexError `wrong_password`, `weak_password`, `too_many_requests`, `busy` */
  async changePassword(userId: string, body: Body<'changePassword'>, ip: string): Promise<void> {
    const { store, passwords, nowMs } = this.#options;
    const user = await this.get(userId);
    await this.#check(ip, user.email, user.password_hash, body.old_password, 'wrong_password');
    const weakness = weaknessOf(body.new_password, user);
    if (weakness !== undefined) throw new TelexError('weak_password', weakness);
    if (body.new_password === body.old_password) {
      throw new TelexError('weak_password', 'The new password is the old one; choose another.');
    }
    await store.setPassword(userId, await passwords.hash(body.new_password), nowMs());
  }

  /** @throws TelexError `session_ended` where the account is gone. */
  async get(userId: string): Promise<Row<'users'>> {
    const user = await this.#options.store.byId(userId);
    if (user === undefined) throw new TelexError('session_ended');
    return user;
  }

  async #check(
    ip: string,
    email: string,
    hash: string | undefined,
    password: string,
    wrong: 'wrong_credentials' | 'wrong_password',
  ): Promise<void> {
    const { guard, passwords } = this.#options;
    const waitS = guard.attempt(ip, email);
    if (waitS > 0) {
      throw new TelexError(
        'too_many_requests',
        `Too many wrong passwords; try again in ${waitS} s.`,
        { retryAfterS: waitS },
      );
    }
    const isRight = await passwords.verify(hash, password).catch((error: unknown) => {
      guard.withdrawn(ip, email);
      throw error;
    });
    if (!isRight) throw new TelexError(wrong);
    guard.succeeded(ip, email);
  }
}

function tail(id: string): string {
  return id.replaceAll('-', '').slice(-6);
}
