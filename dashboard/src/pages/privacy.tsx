import { longDate } from '../format';
import manifest from '../policy/manifest.json';
import { Page } from '../ui/page';
import '../styles/policy.css';

export default function Privacy() {
  return (
    <Page title="Privacy policy" width="policy" lead={<>Last updated <time dateTime={manifest.updated}>{longDate(manifest.updated)}</time></>}>
      <article class="policy">
        <p class="policy-first">
          Mi Connect lets a visitor of a website ask to be called, and shows the business how often its call button is seen and used. It does both with as little about people as it can.
        </p>

        <h2>If you asked a business to call you</h2>
        <p>
          The business whose website you were on decides about your data; Mi Telecom only handles it on its behalf. It receives what you gave: your name and phone number, an e-mail address and a message or department if you added them, the page you were on, and the date and time.
        </p>
        <ul>
          <li>It is used to call you back, and for nothing else by us.</li>
          <li>It is deleted by itself after the time that the business has set.</li>
          <li>The private link in your confirmation lets you see, move, cancel or erase your request at any time.</li>
          <li>It is never joined to the statistics of the button.</li>
        </ul>

        <h2>If you only visited a website with our button</h2>
        <p>
          We count that a visit saw the button, opened it, or asked for a call: by hour, page, the site you came from, and kind of device. A random number in your browser’s session connects these steps, and goes when the session ends. The record of a single visit cannot be read after 6 hours; what stays are sums. You can switch this off in the button’s panel, and Global Privacy Control and Do Not Track switch it off by themselves.
        </p>

        <h2>If you have an account with us</h2>
        <p>Mi Telecom is responsible for the dashboard and its accounts. We keep:</p>
        <ul>
          <li>your name, e-mail address, company, and your password in a form that cannot be read back;</li>
          <li>the IP address and kind of browser of your logins, to protect the account;</li>
          <li>how your widgets are set up.</li>
        </ul>
        <p>Card data goes to Stripe and stays there. We never see the number.</p>

        <h2>What we do not do</h2>
        <p>No advertising, no profiles, no sale of data, no statistics services of others. What is stored on devices is listed, entry by entry, in the <a href="/cookies">cookie policy</a>.</p>

        <h2>Your rights</h2>
        <p>
          Under UK data protection law you can ask what we hold about you, have it corrected or erased, object, and take it with you. Write to <a href={`mailto:${manifest.contact}`}>{manifest.contact}</a>. If our answer does not satisfy you, you can complain to the Information Commissioner’s Office.
        </p>
      </article>
    </Page>
  );
}
