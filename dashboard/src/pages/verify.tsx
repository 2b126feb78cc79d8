import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call } from '../api';
import { navigate } from '../router';
import { signIn } from '../session';
import type { Signed } from '../types';
import { Button, ButtonLink } from '../ui/button';
import { Page } from '../ui/page';
import { Loading } from '../ui/states';

/** Redeems the mailed link once, and takes it out of the address before anything else sees it. */
export function Verify() {
  const link = useRef<string | null>(null);
  const asked = useRef(false);
  const [error, setError] = useState<ApiError | null>(null);

  const redeem = async () => {
    setError(null);
    if (!link.current) return setError(new ApiError(400, 'link-invalid', ''));
    try {
      const answer = await call<Signed>('POST', '/v1/verify', { open: true, body: { token: link.current } });
      signIn(answer.token);
      navigate('/app', { replace: true });
    } catch (failure) {
      setError(failure instanceof ApiError ? failure : new ApiError(0, 'unknown', 'Something went wrong. Please try again.'));
    }
  };

  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    link.current = new URLSearchParams(location.search).get('token');
    history.replaceState(null, '', '/verify');
    redeem();
  }, []);

  if (!error) {
    return (
      <Page title="Confirming your address" width="narrow">
        <Loading what="Confirming your e-mail address" rows={1} />
      </Page>
    );
  }
  if (error.status === 400) {
    return (
      <Page key="invalid" title="This link does not work any more" width="narrow" lead="It was used before, it is too old, or a part of it was lost on the way.">
        <ul class="plain-list">
          <li>Already confirmed? Then simply log in.</li>
          <li>Not yet? <a href="/resend">Have a fresh link sent</a>, or register again.</li>
        </ul>
        <div class="buttons after-form">
          <ButtonLink href="/login" look="primary">Log in</ButtonLink>
          <ButtonLink href="/register">Register again</ButtonLink>
        </div>
      </Page>
    );
  }
  return (
    <Page key="failed" title="We could not confirm your address yet" width="narrow" lead={error.detail}>
      <Button look="primary" onClick={redeem}>Try again</Button>
    </Page>
  );
}
