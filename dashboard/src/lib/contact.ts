/** Where people reach us. */
export const SUPPORT = 'support@mi-telecom.co.uk';
export const PRIVACY = 'privacy@mi-telecom.co.uk';
