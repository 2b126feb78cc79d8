import { useState } from 'preact/hooks';
import manifest from '../../../../shared/policy/manifest.json';
import retention from '../../../../shared/policy/retention.json';
import { call } from '../../lib/api';
import { emailProblem } from '../../lib/check';
import { longDate } from '../../lib/format';
import './policy.css';
import { Button } from '../../ui/button';
import { Field, TextField } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';
import { Stacked } from '../../ui/stacked';

const updated = manifest.history.at(-1)!.date;
const contact = <a href={`mailto:${manifest.contact}`}>{manifest.contact}</a>;

export default function Privacy() {
  return (
    <Page
      title="Privacy policy"
      width="policy"
      lead={
        <>
          Last updated <time dateTime={updated}>{longDate(updated)}</time>
        </>
      }
    >
      <article class="policy">
        <p class="policy-first">
          Mi Connect lets a visitor of a website ask to be called, and shows the business how often its call button is
          seen and used. It does both with as little about people as it can.
        </p>

        <h2>If you asked a business to call you</h2>
        <p>
          The business whose website you were on decides about your data; Mi Telecom only handles it on its behalf. It
          receives what you gave: your name and phone number, an e-mail address and a message or department if you added
          them, the page you were on, and the date and time.
        </p>
        <ul>
          <li>It is used to call you back, and for nothing else by us.</li>
          <li>It is deleted by itself after the time that the business has set.</li>
          <li>The private link in your confirmation lets you see, move, cancel or erase your request at any time.</li>
          <li>It is never joined to the statistics of the button.</li>
          <li>
            The business can find all that it has of you by your number or e-mail address, give you a copy, and erase
            it. A receipt says that this was done, without a word of what was erased.
          </li>
        </ul>

        <h2>If you only visited a website with our button</h2>
        <p>
          We count that a visit saw the button, opened it, or asked for a call: by hour, page, the site you came from,
          and kind of device. A random number in your browser’s session connects these steps, and goes when the session
          ends. The record of a single visit cannot be read after 6 hours; what stays are sums. You can switch this off
          in the button’s panel, and Global Privacy Control and Do Not Track switch it off by themselves.
        </p>

        <h2>If you have an account with us</h2>
        <p>Mi Telecom is responsible for the dashboard and its accounts. We keep:</p>
        <ul>
          <li>your name, e-mail address, company, and your password in a form that cannot be read back;</li>
          <li>
            the IP address of your logins, cut down to its network or country, and the kind of browser, to protect the
            account;
          </li>
          <li>how your widgets are set up.</li>
        </ul>
        <p>Card data goes to Stripe and stays there. We never see the number.</p>

        <h2>On what ground</h2>
        <Stacked
          caption="Purposes and legal grounds"
          head={['What for', 'Ground (UK GDPR, article 6)', 'Who decides']}
          rows={[
            [
              'Calling a visitor back',
              'Steps at your request before a contract (1)(b), or the business’s interest in answering you (1)(f)',
              'The business',
            ],
            [
              'Counting visits to the button',
              'The business’s interest in improving its service (1)(f), with a simple objection',
              'The business',
            ],
            ['Your account and login', 'The contract with you (1)(b)', 'Mi Telecom'],
            ['Protecting accounts from misuse', 'Our interest in a safe service (1)(f)', 'Mi Telecom'],
            ['Bills and taxes', 'Legal duties (1)(c)', 'Mi Telecom'],
            ['Receipts of consent and erasure, complaints', 'Legal duties: to be able to show it (1)(c)', 'Mi Telecom'],
          ]}
        />

        <h2>Who receives it</h2>
        <ul>
          <li>Amazon Web Services runs our servers and sends our mails, on our behalf.</li>
          <li>Stripe takes payments from businesses, and decides itself about card data.</li>
          <li>A business receives what its own visitors send it.</li>
          <li>Nobody else, unless a law makes us.</li>
        </ul>

        <h2>How long it is kept</h2>
        <Stacked
          caption="Retention"
          head={['What', 'Kept', 'In backups']}
          rows={retention.map((one) => [one.holds, one.kept, one.backup ? 'Up to 35 days longer' : 'Never in one'])}
        />
        <p>
          After its time nothing can be read any more, from the first second on. The storage itself is cleaned up to two
          days later. Backups exist only to repair damage; what was erased is not brought back from them, and leaves
          them after 35 days.
        </p>

        <h2>What we do not do</h2>
        <p>
          No advertising, no profiles, no decisions by machines, no sale of data, no statistics services of others. What
          is stored on devices is listed, entry by entry, in the <a href="/cookies">cookie policy</a>.
        </p>

        <h2>Your rights</h2>
        <p>
          Under UK data protection law you can ask what we hold about you, have it corrected or erased, have its use
          limited, object, and take it with you. Write to {contact}. For what a business has of you, ask the business,
          or use your private link. Owners of an account can export and delete it in the dashboard, and everybody with a
          login can delete that there. A login that is in no account is deleted after 30 days. The log of an account
          keeps the names of those who did something in it for as long as its plan says: 30 days, or a year.
        </p>

        <h2 id="complain">Complain</h2>
        <p>
          Tell us if something is not right. You get a number at once, a mail with a link to confirm that it is from
          you, and an answer without delay.
        </p>
        <Complain />
        <p>
          You can also complain to the Information Commissioner’s Office at any time:{' '}
          <a href="https://ico.org.uk/make-a-complaint/" rel="noreferrer">
            ico.org.uk/make-a-complaint
          </a>
          .
        </p>

        <h2>Who we are</h2>
        <p>
          {manifest.controller}. Questions about privacy: {contact}.
        </p>
      </article>
    </Page>
  );
}

function Complain() {
  const [number, setNumber] = useState('');
  return (
    <div class="complain">
      {!number && (
        <Form
          fields={{ name: 'Name', email: 'E-mail', message: 'What should we look into?' }}
          check={(values) => {
            const errors: Record<string, string> = {};
            const email = emailProblem(text(values, 'email'));
            if (email) errors.email = email;
            if (!text(values, 'message')) errors.message = 'Say what we should look into.';
            return errors;
          }}
          send={async (values) => {
            const body = { name: text(values, 'name'), email: text(values, 'email'), message: text(values, 'message') };
            setNumber((await call('POST', '/v1/complaints', { open: true, body })).id);
          }}
        >
          {({ errors, busy }) => (
            <>
              <Field label="Name" name="name" autocomplete="name" optional error={errors.name} />
              <Field
                label="E-mail"
                name="email"
                type="email"
                autocomplete="email"
                autocapitalize="off"
                spellcheck={false}
                error={errors.email}
              />
              <TextField label="What should we look into?" name="message" error={errors.message} />
              <div class="form-end">
                <Button look="primary" type="submit" busy={busy}>
                  Send the complaint
                </Button>
              </div>
            </>
          )}
        </Form>
      )}
      <p role="status">
        {number && (
          <>
            Thank you. We have your complaint under the number <strong>{number}</strong>. Open the link in the mail we
            sent you to confirm it. Check your spam folder, too; if there is no mail, we look into it all the same.
          </>
        )}
      </p>
    </div>
  );
}
