import type { NotificationChoice, RequestAlert, SiteNotification } from '../../lib/api.gen';

const CHOICES: [RequestAlert, string][] = [
  ['at-once', 'Email at once'],
  ['daily', 'One email a day'],
  ['off', 'Off'],
];

interface Props {
  site: SiteNotification;
  choice: NotificationChoice;
  choose: (choice: NotificationChoice) => void;
}

/** How one hears of a site's requests, and of which departments. */
export function SiteAlert({ site, choice, choose }: Props) {
  const id = `alert-${site.id}`;
  const departments = choice.departments ?? [];
  return (
    <div class="site-alert">
      <label class="break" for={id}>
        {site.name}
      </label>
      <select
        id={id}
        class="input"
        value={choice.requests}
        onChange={(event) => choose({ requests: event.currentTarget.value as RequestAlert, departments })}
      >
        {CHOICES.map(([value, label]) => (
          <option key={value} value={value} selected={value === choice.requests}>
            {label}
          </option>
        ))}
      </select>
      {site.siteDepartments.length > 0 && choice.requests !== 'off' && (
        <Departments
          site={site}
          chosen={departments}
          choose={(some) => choose({ requests: choice.requests, departments: some })}
        />
      )}
    </div>
  );
}

interface DepartmentsProps {
  site: SiteNotification;
  /** None stands for all, those that are added later, too. */
  chosen: string[];
  choose: (departments: string[]) => void;
}

function Departments({ site, chosen, choose }: DepartmentsProps) {
  const all = [...site.siteDepartments, ''];
  // Departments that are gone are no choice: with none left, all are meant, as the server has it.
  const left = all.filter((name) => chosen.includes(name));
  const on = left.length ? left : all;
  const toggle = (name: string, checked: boolean) => {
    const next = all.filter((one) => (one === name ? checked : on.includes(one)));
    choose(next.length === all.length ? [] : next);
  };
  return (
    <fieldset class="site-alert-departments">
      <legend>Departments at {site.name}</legend>
      {all.map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={on.includes(name)}
            // One stays: to hear of none, the site is turned off.
            disabled={on.length === 1 && on[0] === name}
            onChange={(event) => toggle(name, event.currentTarget.checked)}
          />
          <span class="break">{name || 'No department'}</span>
        </label>
      ))}
    </fieldset>
  );
}
