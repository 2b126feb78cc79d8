// The browser's passkey calls, with our API's JSON on both sides.

const bytes = (text: string): ArrayBuffer => {
  const raw = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0)).buffer;
};

const text = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

export const canPasskey = (): boolean => typeof PublicKeyCredential === 'function';

interface Named {
  id: string;
  type: 'public-key';
  transports?: AuthenticatorTransport[];
}
const named = (list: Named[] | undefined) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

export interface CreationOptions {
  challenge: string;
  rp: { id: string; name: string };
  user: { id: string; name: string; displayName: string };
  pubKeyCredParams: { type: 'public-key'; alg: number }[];
  excludeCredentials?: Named[];
}

/** Makes a passkey. Throws a DOMException when the person or the browser refuses. */
export async function makePasskey(options: CreationOptions): Promise<Record<string, unknown>> {
  const made = (await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials),
    },
  })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

export interface RequestOptions {
  challenge: string;
  rpId: string;
  allowCredentials?: Named[];
  userVerification?: UserVerificationRequirement;
  timeout?: number;
}

/** Asks for a passkey of ours. Throws a DOMException when the person or the browser refuses. */
export async function askPasskey(options: RequestOptions): Promise<Record<string, unknown>> {
  const given = (await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) },
  })) as PublicKeyCredential;
  const response = given.response as AuthenticatorAssertionResponse;
  return {
    id: given.id,
    rawId: text(given.rawId),
    type: given.type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : undefined,
    },
  };
}
