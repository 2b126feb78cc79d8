export function Brand({ href }: { href: string }) {
  return (
    <a class="brand" href={href}>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" />
        <path d="M8.5 22V10.5l7.5 8 7.5-8V22" />
      </svg>
      Mi Connect
    </a>
  );
}
