/** How a person is called where others see it: nickname of the channel, full name, username. */
export function displayName(person: {
  readonly nickname?: string | null;
  readonly first_name: string;
  readonly last_name: string;
  readonly username: string;
}): string {
  if (person.nickname) return person.nickname;
  return `${person.first_name} ${person.last_name}`.trim() || person.username;
}
