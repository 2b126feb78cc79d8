// How numbers are written. British ones by the lengths of their area codes, as Ofcom's numbering plan has them;
// others stay as they are, in E.164.

const TWO = /^2\d/; // London and the like: 020 7946 0018
const THREE = /^(11|1\d1|3|8|5[56])/; // 0113, 0161, 0333, 0800
const LONG_CODE = /^(13873|15242|153(94|95|96)|16973|16974|16977|17683|17684|17687|19467)/;

/** "+442079460018" as "020 7946 0018". */
export function written(e164: string): string {
  const national = /^\+44(\d{7}|\d{9,10})$/.exec(e164)?.[1];
  if (!national) return e164;
  const [first, second] = TWO.test(national)
    ? [2, 4]
    : LONG_CODE.test(national)
      ? [5, 5]
      : THREE.test(national)
        ? [3, national.length === 7 ? 4 : 3]
        : [4, 6];
  const parts = [national.slice(0, first), national.slice(first, first + second), national.slice(first + second)];
  return `0${parts.filter(Boolean).join(' ')}`;
}

/** Digits alone, for finding a number however it was typed: "0161 496" finds "+44161496…". */
export const digits = (text: string): string => text.replace(/\D/g, '').replace(/^0+/, '');
