import { storage } from '../../../../shared/policy/manifest.json';
import PLANS from '../../lib/plans.json';
import { ButtonLink } from '../../ui/button';
import { useTitle } from '../../ui/page';
import { HeroPicture } from './hero-picture';
import { HonestPicture } from './honest-picture';
import { Pricing } from './pricing';
import './home.css';
import './hero.css';
import './honest.css';
import './promise.css';

const FREE = PLANS[0]!;

export function Home() {
  const h1 = useTitle('Mi Connect');
  return (
    <main id="main" class="home" tabIndex={-1}>
      <section class="hero" aria-labelledby="hero-title">
        <div class="hero-words">
          <h1 id="hero-title" tabIndex={-1} ref={h1}>
            The call you would have missed.
          </h1>
          <p class="hero-lead">
            Mi Connect puts a small call button on your website. A visitor leaves a number and a time, you call back,
            and you see how many visits it took. Nobody is tracked.
          </p>
          <div class="buttons">
            <ButtonLink href="/register" look="primary">
              Start free
            </ButtonLink>
            <ButtonLink href="#how">See how it works</ButtonLink>
          </div>
          <p class="small muted">One site and {FREE.limits.callbacks} callbacks a month are free. No card needed.</p>
        </div>
        <HeroPicture />
      </section>

      <section class="how" id="how" aria-labelledby="how-title">
        <h2 id="how-title">One line of code. More calls.</h2>
        <ol class="how-steps">
          <li>
            <h3>You paste one line</h3>
            <p>
              Into any website, shop or site builder. The button loads after your page, is smaller than a thumbnail, and
              never shifts your layout.
            </p>
          </li>
          <li>
            <h3>A visitor asks</h3>
            <p>
              They leave a name and number and choose now or a time that suits them. A private link lets them move,
              cancel or erase their request.
            </p>
          </li>
          <li>
            <h3>You call back</h3>
            <p>
              Every request reaches your inbox within seconds, with the page it came from. Call from your phone, mark it
              as called, and move on to the next.
            </p>
          </li>
        </ol>
      </section>

      <section class="honest" aria-labelledby="honest-title">
        <div class="honest-words">
          <h2 id="honest-title">Numbers that admit when they don’t know</h2>
          <p>
            Seen, opened, requested: three exact counts of visits, and the rate between them. That’s all you need to
            decide where the button earns its place.
          </p>
          <ul class="ticks">
            <li>If there are too few visits to judge, we say so instead of drawing a trend.</li>
            <li>What we leave out, such as bots, is listed with the reason.</li>
            <li>By page, by source, by device, in your own time zone.</li>
          </ul>
        </div>
        <HonestPicture />
      </section>

      <section class="promise" aria-labelledby="promise-title">
        <div class="promise-inside">
          <div>
            <h2 id="promise-title">Your visitors are guests, not data</h2>
            <p>
              On your website Mi Connect sets no cookies. It stores one random number for the length of a visit, and
              every visitor can switch even that off in the button itself.
            </p>
            <ul class="ticks">
              <li>No advertising cookies, no cross-site tracking, nothing shared with ad networks.</li>
              <li>Global Privacy Control and Do Not Track count as a no. The button still works.</li>
              <li>Callback requests are never linked to statistics.</li>
            </ul>
            <p>
              <a href="/cookies">Read the full policy</a>. It’s short.
            </p>
          </div>
          <div class="promise-keys">
            <p class="small">Everything we ever store on a device:</p>
            <ul>
              {storage
                .filter((key) => key.name.startsWith('mc_'))
                .map((key) => (
                  <li key={key.name}>
                    <code>{key.name}</code>
                    <span>{key.where}</span>
                  </li>
                ))}
            </ul>
          </div>
        </div>
      </section>

      <Pricing />

      <section class="last" aria-labelledby="last-title">
        <h2 id="last-title">Someone on your site would rather talk.</h2>
        <ButtonLink href="/register" look="primary">
          Start free
        </ButtonLink>
      </section>
    </main>
  );
}
