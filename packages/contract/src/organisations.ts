import * as v from 'valibot';
import { email, id, name, shortText, text, time } from './primitives.ts';

/** In the list of the caller's organisations; fields beyond these two are not documented. */
export const organisationSummary = v.looseObject({ id, name: text });
export const organisationsReply = v.array(organisationSummary);

export const createOrganisationBody = v.object({
  name,
  description: v.optional(shortText),
  email: v.optional(v.union([email, v.literal('')])),
  type: v.optional(shortText),
  industry: v.optional(shortText),
  location: v.optional(shortText),
  country: v.optional(shortText),
  logo_url: v.optional(shortText),
});
export const updateOrganisationBody = v.partial(createOrganisationBody);

export const organisation = v.looseObject({
  id,
  owner_id: id,
  name: text,
  description: text,
  created_at: time,
  updated_at: time,
});

/** Roles by documented name (telex-api.md §5.9), taken in any case; `admin`, `member` are twins. */
export const ROLES = ['Administrator', 'Manager', 'Project Lead', 'User', 'Guest'] as const;
export type Role = (typeof ROLES)[number];

/** The role a name means, or undefined. */
export function readRole(input: string): Role | undefined {
  const wanted = input.trim().toLowerCase().replaceAll('_', ' ');
  if (wanted === 'admin') return 'Administrator';
  if (wanted === 'member') return 'User';
  return ROLES.find((role) => role.toLowerCase() === wanted);
}

export const member = v.looseObject({ id, email: text, name: text, role: text, status: text });
export const membersReply = v.array(member);
/** `role_Id` is so spelled in the documentation; `email` is ours, instead of `user_id`. */
export const addMemberBody = v.object({
  user_id: v.optional(id),
  email: v.optional(email),
  role_Id: v.optional(shortText),
  role_id: v.optional(shortText),
  role: v.optional(shortText),
});
export const updateMemberBody = v.object({
  role_id: v.optional(shortText),
  role: v.optional(shortText),
  status: v.optional(v.picklist(['active', 'deactivated'], 'must be active or deactivated')),
});
