/** Who asks Flower's dialect: its scripts know HTTP basic authentication, where the password is a token of Trellis. */

/**
 * The head of the request as Trellis's own doors read it: basic credentials become the token that they carry. What is no
 * basic authentication stays as it is.
 */
export function asBearer({ url, method, headers: sent }: Request): Request {
  const headers = new Headers(sent);
  const basic = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (basic !== undefined) {
    const pair = Buffer.from(basic, 'base64').toString('utf8');
    const token = pair.slice(pair.indexOf(':') + 1);
    // A password that is no token is none of anybody.
    headers.set('authorization', `Bearer ${/^\S+$/.test(token) ? token : 'none'}`);
  }
  return new Request(url, { method, headers });
}
