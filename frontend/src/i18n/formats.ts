/** Dates, lengths and sizes in the page's language, all by `Intl`. */

export interface Formats {
  integer: (value: number) => string;
  /** A day, with the year only where it is another one. */
  day: (iso: string) => string;
  /** How long ago, in words; a day when that is longer than a week. */
  ago: (iso: string, now?: number) => string;
  /** A length in words, rounded as a person would say it. */
  length: (seconds: number) => string;
  /** A position or length as a clock, `1:05`. */
  clock: (seconds: number) => string;
  /** A position to the tenth of a second, `1:05.3`. */
  tenths: (seconds: number) => string;
  /** Micro-dollars as dollars; as many digits as a fraction of a cent needs. */
  usd: (micro: number) => string;
  /** A day and the time of it. */
  moment: (iso: string) => string;
  size: (bytes: number) => string;
  list: (items: readonly string[]) => string;
}

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** Made when it is first needed: `Intl` takes its time, and a page should not wait for it. */
function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

export function formatsFor(locale: string): Formats {
  const integer = once(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }));
  const relative = once(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  const list = once(() => new Intl.ListFormat(locale, { type: "conjunction" }));
  const moment = once(
    () => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }),
  );
  // `Intl` writes "4 秒"; people write 4秒.
  const gap = locale.startsWith("ja") ? "" : " ";
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: name,
      unitDisplay: "long",
      maximumFractionDigits: 0,
    })
      .format(value)
      .replaceAll(" ", gap);

  const since = (value: number, name: Intl.RelativeTimeFormatUnit): string =>
    relative().format(value, name).replaceAll(" ", gap);

  const day = (iso: string): string => {
    const date = new Date(iso);
    const sameYear = date.getFullYear() === new Date().getFullYear();
    return new Intl.DateTimeFormat(locale, {
      month: "long",
      day: "numeric",
      ...(sameYear ? {} : { year: "numeric" }),
    }).format(date);
  };

  const usd = (micro: number): string =>
    new Intl.NumberFormat(locale, {
      style: "currency",
      currency: "USD",
      maximumFractionDigits: Math.abs(micro) < 10_000 && micro !== 0 ? 6 : 2,
    }).format(micro / 1_000_000);

  return {
    usd,
    moment: (iso) => moment().format(new Date(iso)),
    integer: (value) => integer().format(value),
    day,
    ago(iso, now = Date.now()) {
      const seconds = Math.round((Date.parse(iso) - now) / 1000);
      const distance = Math.abs(seconds);
      if (distance < MINUTE_S) return since(0, "second");
      if (distance < HOUR_S) return since(Math.trunc(seconds / MINUTE_S), "minute");
      if (distance < DAY_S) return since(Math.trunc(seconds / HOUR_S), "hour");
      if (distance < 7 * DAY_S) return since(Math.trunc(seconds / DAY_S), "day");
      return day(iso);
    },
    length(seconds) {
      const whole = Math.max(1, Math.round(seconds));
      if (whole < MINUTE_S) return unit(whole, "second");
      if (whole >= 2 * HOUR_S) return unit(Math.round(whole / HOUR_S), "hour");
      const minutes = Math.floor(whole / MINUTE_S);
      // Above five minutes seconds are noise.
      const rest = minutes >= 5 ? 0 : whole % MINUTE_S;
      if (!rest) return unit(Math.round(whole / MINUTE_S), "minute");
      return `${unit(minutes, "minute")}${gap}${unit(rest, "second")}`;
    },
    clock(seconds) {
      const whole = Math.max(0, Math.floor(seconds));
      const rest = String(whole % MINUTE_S).padStart(2, "0");
      return `${Math.floor(whole / MINUTE_S)}:${rest}`;
    },
    tenths(seconds) {
      const whole = Math.max(0, Math.round(seconds * 10));
      const rest = String(Math.floor(whole / 10) % MINUTE_S).padStart(2, "0");
      return `${Math.floor(whole / 10 / MINUTE_S)}:${rest}.${whole % 10}`;
    },
    size(bytes) {
      const megabytes = bytes / 1_000_000;
      return new Intl.NumberFormat(locale, {
        style: "unit",
        unit: "megabyte",
        unitDisplay: "short",
        maximumFractionDigits: megabytes < 10 ? 1 : 0,
      }).format(Math.max(0.1, megabytes));
    },
    list: (items) => list().format(items),
  };
}
