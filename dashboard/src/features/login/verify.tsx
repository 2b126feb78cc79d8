import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { passwordProblem } from '../../lib/check';
import { useLoad } from '../../lib/load';
import { navigate, useLinkToken } from '../../lib/router';
import { signIn } from '../../lib/session';
import { Button, ButtonLink } from '../../ui/button';
import { Field, PasswordField } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { StayOrSwitch } from '../../ui/stay-or-switch';

/** Whoever reads the sign-up's mail chooses the password here. A press, not the visit, uses the link. */
export default function Verify() {
  const token = useLinkToken();
  const [dead, setDead] = useState(!token);
  const { data, error, reload } = useLoad(`sign-up ${token}`, (signal) =>
    call('POST', '/v1/verify/open', { open: true, body: { token }, signal }),
  );
  if (dead || error?.code === 'link-invalid') return <Dead />;
  if (!data) {
    return (
      <Page title="Choose your password" width="narrow">
        {error ? <Failed error={error} retry={reload} /> : <Loading what="Loading your sign-up" rows={1} />}
      </Page>
    );
  }
  return (
    <StayOrSwitch email={data.email}>
      <Page
        key="ask"
        title="Choose your password"
        width="narrow"
        lead={
          <>
            For your new account, <strong>{data.email}</strong>.
          </>
        }
      >
        <Form
          fields={{ name: 'Name', company: 'Company', password: 'Password' }}
          check={(values) => {
            const errors: Record<string, string> = {};
            if (!text(values, 'name')) errors.name = 'Enter your name.';
            if (!text(values, 'company')) errors.company = 'Enter your company’s name.';
            const password = passwordProblem(String(values.get('password')));
            if (password) errors.password = password;
            return errors;
          }}
          send={async (values) => {
            try {
              const answer = await call('POST', '/v1/verify', {
                open: true,
                body: {
                  token,
                  password: String(values.get('password')),
                  name: text(values, 'name'),
                  company: text(values, 'company'),
                },
              });
              signIn(answer.token);
              const plan = data.plan && `/billing?plan=${data.plan}&interval=${data.interval}`;
              navigate(`/app${plan ?? ''}`, { replace: true });
            } catch (failure) {
              if (!(failure instanceof ApiError) || failure.code !== 'link-invalid') throw failure;
              setDead(true);
            }
          }}
        >
          {({ errors, busy }) => (
            <>
              <input
                class="visually-hidden"
                type="email"
                name="username"
                autocomplete="username"
                value={data.email}
                readOnly
                tabIndex={-1}
                aria-hidden="true"
              />
              <PasswordField
                label="Password"
                name="password"
                autocomplete="new-password"
                hint="At least 8 characters. A few random words are easy to remember and hard to guess."
                error={errors.password}
              />
              <Field label="Name" name="name" autocomplete="name" defaultValue={data.name} error={errors.name} />
              <Field
                label="Company"
                name="company"
                autocomplete="organization"
                defaultValue={data.company}
                error={errors.company}
              />
              <div class="form-end">
                <Button look="primary" type="submit" busy={busy}>
                  Create account
                </Button>
              </div>
            </>
          )}
        </Form>
        <p class="small muted after-form">
          If you didn’t sign up, close this page. No account is created without a password.
        </p>
      </Page>
    </StayOrSwitch>
  );
}

function Dead() {
  return (
    <Page
      key="invalid"
      title="This link no longer works"
      width="narrow"
      lead="It may have been used already, have expired, or be incomplete."
    >
      <ul class="plain-list">
        <li>Already confirmed? Log in.</li>
        <li>
          Not yet? <a href="/resend">Get a new link</a>, or sign up again.
        </li>
      </ul>
      <div class="buttons after-form">
        <ButtonLink href="/login" look="primary">
          Log in
        </ButtonLink>
        <ButtonLink href="/register">Sign up again</ButtonLink>
      </div>
    </Page>
  );
}
