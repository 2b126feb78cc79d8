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

// Of this text, or of the list of what is kept on a device, whichever is later.
const updated = ['2026-11-27', manifest.history.at(-1)!.date].sort().at(-1)!;
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
          Mi Connect lets visitors to a website request a call, and shows the business how often its call button is seen
          and used. It does both with as little personal data as possible.
        </p>

        <h2>If you asked a business to call you</h2>
        <p>
          The business whose website you were on is responsible for your data; Mi Telecom only handles it on the
          business’s behalf. The business receives what you entered: your name and phone number, an email address and a
          message or department if you added them, the page you were on, and the date and time.
        </p>
        <ul>
          <li>We use it only so that the business can call you back.</li>
          <li>
            The people at the business who make the calls get an email with your name and number, the page and the
            times. Your message and email address aren’t in it. How long they keep that email is up to the business.
          </li>
          <li>
            If you left an email address, we email you what concerns this one call: a confirmation, with an invitation
            for your calendar where a time is booked, reminders, and a word when it’s moved, cancelled, late or missed.
          </li>
          <li>The business can record how the call went and add a note. You can ask for a copy of both.</li>
          <li>
            If you choose “Never call me again”, or the business blocks your number, we keep a keyed code of the number
            for that website, not the number itself, until the block is lifted or the website is deleted.
          </li>
          <li>
            It’s deleted automatically after the period the business has chosen, with everything recorded about the
            call.
          </li>
          <li>The private link in your confirmation lets you see, move, cancel or erase your request at any time.</li>
          <li>It’s never linked to the button’s statistics.</li>
          <li>
            The business can find everything it has about you by your phone number or email address, give you a copy,
            and erase it. A receipt records that this was done, without any of the erased data.
          </li>
        </ul>

        <h2>If you only visited a website with our button</h2>
        <p>
          We count that a visit saw the button, opened it, or requested a call: by hour, page, the site you came from,
          and kind of device. A random number in your browser’s session connects these steps and is deleted when the
          session ends. The record of a single visit can’t be read after 6 hours; only totals remain. You can switch
          this off in the button’s panel, and Global Privacy Control and Do Not Track switch it off automatically.
        </p>

        <h2>If you have an account with us</h2>
        <p>Mi Telecom is responsible for the dashboard and its accounts. We keep:</p>
        <ul>
          <li>your name, email address and company, and your password in a form that can’t be read back;</li>
          <li>
            the IP address of your logins, shortened to its network or country, and the type of browser, to protect the
            account;
          </li>
          <li>your widget settings;</li>
          <li>
            if you turn on notifications, your browser’s address at its push service, its public key and its name, until
            you turn them off or log out.
          </li>
        </ul>
        <p>Card data goes to Stripe and stays there. We never see the number.</p>

        <h2>Legal basis</h2>
        <Stacked
          caption="Purposes and legal bases"
          head={['Purpose', 'Legal basis (UK GDPR, Article 6)', 'Controller']}
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

        <h2>Who receives your data</h2>
        <ul>
          <li>Amazon Web Services runs our servers and sends our emails on our behalf.</li>
          <li>Stripe takes payments from businesses and is the controller of card data.</li>
          <li>
            If you turn on notifications, your browser’s maker (Google, Mozilla, Microsoft or Apple) passes them to it
            through its push service, as the contract between you and them has it. It sees that and when we send one,
            not what it says; and it says which website a request came from, never who made it.
          </li>
          <li>Each business receives what its own visitors send it.</li>
          <li>Nobody else, unless the law requires it.</li>
        </ul>

        <h2>How long we keep it</h2>
        <Stacked
          caption="Retention"
          head={['What', 'Kept', 'In backups']}
          rows={retention.map((one) => [one.holds, one.kept, one.backup ? 'Up to 35 days longer' : 'Not backed up'])}
        />
        <p>
          Once the period ends, the data can’t be read any more. It’s removed from storage within two days. Backups are
          only for disaster recovery: erased data isn’t restored from them, and leaves them after 35 days.
        </p>

        <h2>What we don’t do</h2>
        <p>
          No advertising, no profiling, no automated decisions, no sale of data, no third-party analytics. Everything
          stored on devices is listed in the <a href="/cookies">cookie policy</a>.
        </p>

        <h2>Your rights</h2>
        <p>
          Under UK data protection law you can ask what we hold about you, have it corrected or erased, restrict its
          use, object to it, and take it elsewhere. Write to {contact}. For data a business holds about you, ask the
          business or use your private link; you can complain to the business there, too. Account owners can export and
          delete the account in the dashboard, and everyone can delete their own login there. Logins that don’t belong
          to an account are deleted after 30 days. An account’s activity log keeps the names of people who did something
          in it for 30 days or a year, depending on its plan.
        </p>

        <h2 id="complain">Complaints</h2>
        <p>
          If something isn’t right, tell us. You’ll get a complaint number straight away, an email with a link to
          confirm that it’s from you, and a prompt reply.
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
          fields={{ name: 'Name', email: 'Email', message: 'What should we look into?' }}
          check={(values) => {
            const errors: Record<string, string> = {};
            const email = emailProblem(text(values, 'email'));
            if (email) errors.email = email;
            if (!text(values, 'message')) errors.message = 'Tell us what to look into.';
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
                label="Email"
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
                  Send complaint
                </Button>
              </div>
            </>
          )}
        </Form>
      )}
      <p role="status">
        {number && (
          <>
            Thank you. Your complaint number is <strong>{number}</strong>. Confirm it with the link in the email we’ve
            sent you. Check your spam folder, too. If you don’t get the email, we’ll still look into it.
          </>
        )}
      </p>
    </div>
  );
}
