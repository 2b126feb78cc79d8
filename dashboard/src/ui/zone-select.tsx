import { Select } from './field';

interface Props {
  value: string;
  /** What it is used for. */
  hint: string;
  error?: string;
}

export function ZoneSelect({ value, hint, error }: Props) {
  const zones = new Map<string, string[]>();
  for (const zone of new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', value])) {
    const region = zone.includes('/') ? zone.slice(0, zone.indexOf('/')) : 'Other';
    zones.set(region, [...(zones.get(region) ?? []), zone]);
  }
  return (
    <Select label="Time zone" name="timeZone" hint={hint} error={error}>
      {[...zones].map(([region, names]) => (
        <optgroup label={region} key={region}>
          {names.sort().map((zone) => (
            <option key={zone} value={zone} selected={zone === value}>
              {zone.replaceAll('_', ' ')}
            </option>
          ))}
        </optgroup>
      ))}
    </Select>
  );
}
