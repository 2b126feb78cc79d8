// Shows new mail by itself, but never takes the page away from someone who is selecting or typing.
const news = document.getElementById('news');
const busy = () => String(getSelection()) !== '' || document.activeElement instanceof HTMLInputElement;
setInterval(async () => {
  if (document.hidden) return;
  try {
    const mails = await (await fetch('/_local/mail' + location.search, { headers: { accept: 'application/json' } })).json();
    if ((mails[0]?.id ?? '') === document.body.dataset.newest) return;
    if (busy()) news.textContent = 'New mail: reload to see it.';
    else location.reload();
  } catch {
    news.textContent = 'Mi Connect is not running on this machine any more.';
  }
}, 1500);
