import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { navigate, useLinkToken } from '../../lib/router';
import { signIn } from '../../lib/session';
import { Button } from '../../ui/button';
import { DeadLink } from '../../ui/dead-link';
import { Form } from '../../ui/form';
import { Page } from '../../ui/page';
import { StayOrSwitch } from '../../ui/stay-or-switch';
import { SecondStep } from './second-step';

/** A press, not the visit, uses the link: mail programs visit links of themselves. */
export default function LoginLink() {
  const token = useLinkToken();
  const [state, setState] = useState<'ask' | 'code' | 'dead'>(token ? 'ask' : 'dead');
  const open = async (code?: string) => {
    try {
      const answer = await call('POST', '/v1/login/link/open', {
        open: true,
        body: code === undefined ? { token } : { token, code },
      });
      signIn(answer.token);
      navigate('/app', { replace: true });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'code-needed') return setState('code');
      if (error.code === 'link-invalid') return setState('dead');
      if (error.code === 'code-refused' || error.code === 'factor-lost')
        throw new ApiError(error.status, error.code, error.detail, { code: error.detail }, error.requestId);
      throw error;
    }
  };
  if (state === 'dead') return <DeadLink />;
  if (state === 'code') return <SecondStep key="code" send={open} />;
  return (
    <StayOrSwitch>
      <Page title="Log in with your link" width="narrow" lead="You can use this link once.">
        <Form fields={{}} send={() => open()}>
          {({ busy }) => (
            <Button look="primary" type="submit" busy={busy}>
              Log in
            </Button>
          )}
        </Form>
      </Page>
    </StayOrSwitch>
  );
}
