/** Does this host, a name or an address, lead nowhere but to this machine? Brackets around an IPv6 address are fine. */
export function isLoopback(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|::1|\[::1\]|localhost)$/.test(host);
}
