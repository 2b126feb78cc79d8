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
          <span>Requested a call</span>
          <b>2</b>
        </p>
        <p class="note">
          <strong>Not enough visits yet.</strong> A single visit still changes these rates a lot.
        </p>
      </div>
      <div class="honest-card honest-card-second">
        <p class="honest-title">What we didn’t count</p>
        <p class="honest-row">
          <span>Bots</span>
          <b>31</b>
        </p>
        <p class="honest-row">
          <span>From other websites</span>
          <b>2</b>
        </p>
      </div>
    </div>
  );
}
