import { ROLES, type Role, TelexError } from '@telex/contract';

/** Who may do what (telex-api.md §5.9); a smaller rank may more. */
export const rights = {
  write: ['Administrator', 'Manager', 'Project Lead', 'User'],
  createChannels: ['Administrator', 'Manager', 'Project Lead', 'User'],
  invite: ['Administrator', 'Manager', 'Project Lead', 'User'],
  manageMembers: ['Administrator', 'Manager', 'Project Lead'],
  manageChannels: ['Administrator', 'Manager', 'Project Lead'],
  manageWebhooks: ['Administrator', 'Manager'],
  changeOrganisation: ['Administrator'],
} as const satisfies Record<string, readonly Role[]>;

export type Right = keyof typeof rights;

const SENTENCES: Record<Right, string> = {
  write: 'Guests may read here, not write.',
  createChannels: 'Guests may not create channels.',
  invite: 'Guests may not add people.',
  manageMembers: 'Only an Administrator, a Manager or a Project Lead may change members.',
  manageChannels: 'Only its owner, an Administrator, a Manager or a Project Lead may do this.',
  manageWebhooks: 'Only an Administrator or a Manager may manage webhooks.',
  changeOrganisation: 'Only an Administrator may change the organisation.',
};

export function may(role: Role, right: Right): boolean {
  const roles: readonly Role[] = rights[right];
  return roles.includes(role);
}

/** @throws TelexError `forbidden`, with who may */
export function requireRight(role: Role, right: Right): void {
  if (!may(role, right)) throw new TelexError('forbidden', SENTENCES[right]);
}

/** Nobody changes someone above themselves, nor lifts anyone above themselves. */
export function outranks(role: Role, other: Role): boolean {
  return ROLES.indexOf(role) <= ROLES.indexOf(other);
}
