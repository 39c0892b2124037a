/** An e-mail address of which only the first letter and the domain can be recognised: `a•••@example.org`. */
export function redactEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return at < 1 ? '•••' : `${[...email][0] ?? ''}•••${email.slice(at)}`;
}
