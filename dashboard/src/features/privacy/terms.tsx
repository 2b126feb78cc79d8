import manifest from '../../../../shared/policy/manifest.json';
import { longDate } from '../../lib/format';
import './policy.css';
import { Page } from '../../ui/page';
import { Stacked } from '../../ui/stacked';

/** As function login stores it with a registration: a change of the text is a new date here and there. */
const VERSION = '2026-11-01';

const contact = <a href={`mailto:${manifest.contact}`}>{manifest.contact}</a>;

export default function Terms() {
  return (
    <Page
      title="Terms"
      width="policy"
      lead={
        <>
          Version of <time dateTime={VERSION}>{longDate(VERSION)}</time>: the terms of Mi Connect, and the data
          processing agreement
        </>
      }
    >
      <article class="policy">
        <p class="policy-first">
          Mi Connect is for businesses and agencies. Whoever opens an account says that they may speak for one. These
          terms are between that business, “you”, and {manifest.controller}, “we”.
        </p>

        <h2>What you get</h2>
        <p>
          A call button for your websites, an inbox for the requests that visitors leave, statistics that count without
          following anybody, and logins for your people. How much of each is in your <a href="/pricing">plan</a>.
        </p>
        <p>
          We keep it running with care, and tell you of what we know to be broken. We do not promise that it never
          stops, and it is no way to reach emergency services.
        </p>

        <h2>What we ask of you</h2>
        <ul>
          <li>Put the button only on websites that are yours, or that you work on for their owner.</li>
          <li>Tell your visitors about it. The dashboard has the text.</li>
          <li>Use what a visitor leaves to answer that visitor, and for nothing they do not expect.</li>
          <li>Keep passwords and devices safe, and take people out who have left.</li>
          <li>
            Do not use it for anything unlawful, and do not try to break or overload it. Tell us of a weakness before
            you tell others, and we will thank you.
          </li>
        </ul>

        <h2>Paying</h2>
        <ul>
          <li>
            The Free plan costs nothing. Other plans are paid in advance, by month or year, through Stripe. Prices are
            without VAT.
          </li>
          <li>The first trial is free for 14 days and needs no card. Without one it ends by itself.</li>
          <li>
            You can change the plan at any time; what it costs is said before. You can cancel at any time, and keep what
            is paid for until its end.
          </li>
          <li>A request over your plan’s limit is kept all the same, and we tell you.</li>
          <li>
            When a payment fails we tell you. After 7 days settings cannot be changed, after 21 days your buttons say
            that no callback can be booked. Nothing is deleted for a debt.
          </li>
          <li>
            A new price holds for you from the period after the next at the earliest, and you hear of it 30 days before.
          </li>
        </ul>

        <h2>Ending it</h2>
        <p>
          You can delete your account at any time. For 30 days you can take that back, then all of it is gone. Download
          what you need before. We can end the agreement with 30 days’ notice, and at once if you break these terms
          badly; then too you get your data.
        </p>

        <h2>What we answer for</h2>
        <p>
          Nothing here limits what the law does not let us limit: death or injury by negligence, and fraud. Otherwise
          neither of us owes the other more than what you paid in the twelve months before, or £100 if that is more, and
          neither of us owes lost profit.
        </p>

        <h2>Changes, and the law</h2>
        <p>
          A new version of these terms is mailed to the owners of accounts 30 days before it holds. Who does not agree
          can end the account before. The law of England and Wales applies, and its courts decide.
        </p>

        <h2 id="processing">Data processing agreement</h2>
        <p>
          For what your visitors leave you are the controller and we are your processor (UK GDPR, article 28). This is
          the agreement that the article asks for. It holds as long as you have an account.
        </p>
        <Stacked
          caption="What is processed"
          head={['Question', 'Answer']}
          rows={[
            ['Whose data', 'Visitors of the websites that your button is on'],
            [
              'Which data',
              'Name, phone number, and if given e-mail address, message, department; the page, and when; ' +
                'steps of a visit under a random number',
            ],
            [
              'What for',
              'To bring requests to you so that you call back, and to count how the button is seen and used',
            ],
            ['How long', 'As long as your settings and the plan say; see the privacy policy'],
          ]}
        />
        <p>We</p>
        <ul>
          <li>
            process it only as you tell us: by your settings, by these terms, and in writing; and tell you if an
            instruction seems unlawful to us;
          </li>
          <li>let only people see it who have to, and who have promised to keep it to themselves;</li>
          <li>
            protect it: encrypted on its way and where it is stored, apart from that of other accounts, with a second
            factor on offer, and with a log of what was done;
          </li>
          <li>
            have Amazon Web Services run the servers and send the mails. Of another processor we tell you 30 days
            before; if you object, you can end the account and get back what is paid for the time after;
          </li>
          <li>
            bring it into no country outside the United Kingdom and the European Economic Area without a safeguard that
            the law accepts;
          </li>
          <li>
            help you answer people: in the dashboard you find, copy and erase what you have of a visitor by phone number
            or e-mail address;
          </li>
          <li>
            tell you of a breach without delay, at the latest 48 hours after we know of it, and what you need for your
            own report and assessments;
          </li>
          <li>
            erase it when the agreement ends: after the 30 days of grace, and from backups within 35 days more. You can
            download it until then;
          </li>
          <li>show you what proves all this, and let you or somebody you name look, with two weeks’ notice.</li>
        </ul>

        <h2>Who to ask</h2>
        <p>{contact}</p>
      </article>
    </Page>
  );
}
