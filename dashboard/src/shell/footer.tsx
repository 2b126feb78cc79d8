import { PRIVACY, SUPPORT } from '../lib/contact';

export function Footer({ inside }: { inside: boolean }) {
  return (
    <footer class={`footer${inside ? ' footer-quiet' : ''}`}>
      <div class="footer-inside">
        <p>Mi Connect by Mi Telecom. No advertising cookies, no tracking across sites.</p>
        <nav aria-label="Footer">
          <a href="/pricing">Pricing</a>
          <a href="/cookies">Cookie policy</a>
          <a href="/privacy">Privacy</a>
          <a href="/terms">Terms</a>
          <a href={`mailto:${SUPPORT}`}>{SUPPORT}</a>
          <a href={`mailto:${PRIVACY}`}>{PRIVACY}</a>
        </nav>
      </div>
    </footer>
  );
}
