// Lenient checks before a call; the API has the last word.

/** The origin of what a person typed or pasted, a page's address too, or what is wrong with it. */
export function toOrigin(typed: string): { origin: string } | { error: string } {
  const text = typed.trim();
  if (!text) return { error: 'Enter your website’s address, such as https://example.com.' };
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^https?:/i.test(text) && !/^[^/:]+:\d+/.test(text)) {
    return { error: 'The address must start with https://.' };
  }
  const local = /^(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/i.test(text);
  let url: URL;
  try {
    url = new URL(/^https?:\/\//i.test(text) ? text : `${local ? 'http' : 'https'}://${text}`);
  } catch {
    return { error: 'Enter a web address such as https://example.com.' };
  }
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.username || url.password) return { error: 'Remove the username and password.' };
  if (url.hostname.includes('*')) return { error: 'List each address separately: wildcards are not supported.' };
  if (!loopback && !/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/i.test(url.hostname)) {
    return { error: 'Enter the full address, such as https://example.com.' };
  }
  return { origin: url.origin };
}

/** The same website with a leading "www.", or without it: the API takes both for one. */
export function wwwPair(origin: string): string | null {
  const { protocol, host, hostname } = new URL(origin);
  if (!/[a-z-]$/i.test(hostname) || !hostname.includes('.')) return null; // an IP address, or localhost
  const bare = host.replace(/^www\./, '');
  if (bare === host) return `${protocol}//www.${host}`;
  return bare.includes('.') ? `${protocol}//${bare}` : null;
}

export function emailProblem(typed: string): string | null {
  const text = typed.trim();
  if (!text) return 'Enter your email address.';
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? null : 'Enter an email address such as name@example.com.';
}

export function passwordProblem(typed: string): string | null {
  if (!typed) return 'Choose a password.';
  return [...typed].length < 8 ? 'Use at least 8 characters.' : null;
}
