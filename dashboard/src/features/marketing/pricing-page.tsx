import { useTitle } from '../../ui/page';
import { Pricing } from './pricing';
import './home.css';

/** The plans, on a page of their own. */
export default function PricingPage() {
  const h1 = useTitle('Pricing');
  return (
    <main id="main" class="home" tabIndex={-1}>
      <Pricing h1={h1} />
    </main>
  );
}
