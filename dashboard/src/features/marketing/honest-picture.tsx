/** What the figures look like on a quiet day: small numbers, and the sentence that says so. */
export function HonestPicture() {
  return (
    <div class="honest-picture" aria-hidden="true">
      <div class="honest-card">
        <p class="honest-row">
          <span>Saw the widget</span>
          <b>19</b>
        </p>
        <p class="honest-row">
          <span>Opened it</span>
          <b>4</b>
        </p>
        <p class="honest-row">
          <span>Asked for a call</span>
          <b>2</b>
        </p>
        <p class="note">
          <strong>Too few visits to judge yet.</strong> One more or less still moves these rates a lot.
        </p>
      </div>
      <div class="honest-card honest-card-second">
        <p class="honest-title">What we did not count</p>
        <p class="honest-row">
          <span>Programs, not people</span>
          <b>31</b>
        </p>
        <p class="honest-row">
          <span>From an address not in the list</span>
          <b>2</b>
        </p>
      </div>
    </div>
  );
}
