/** A reading as it sounds: a line above what is high, which drops where the pitch falls. */

import { useId } from "react";
import { useText } from "../i18n";
import { type AccentPhrase, isHigh } from "../lib/kana";

/** The kana of a phrase, without marks. */
export const kanaOf = ({ moras }: AccentPhrase): string => moras.join("").replaceAll("_", "");

export function AccentLine({ phrases }: { phrases: readonly AccentPhrase[] }) {
  const t = useText();
  const told = phrases.map((phrase) =>
    phrase.accent === phrase.moras.length
      ? t.readings.flat(kanaOf(phrase))
      : t.readings.falls(
          kanaOf(phrase),
          kanaOf({ ...phrase, moras: phrase.moras.slice(0, phrase.accent) }),
        ),
  );
  return (
    <p lang="ja" className="flex flex-wrap gap-x-3 gap-y-2 pt-1 leading-none">
      <span className="sr-only">{told.join(t.readings.between)}</span>
      {phrases.map((phrase, place) => (
        <span key={place} aria-hidden="true" className="flex">
          {phrase.moras.map((mora, index) => (
            <MoraMark key={index} mora={mora} pitch={pitchOf(phrase, index)} />
          ))}
          {phrase.isQuestion && "？"}
          {phrase.hasPause && "、"}
        </span>
      ))}
    </p>
  );
}

interface Pitch {
  isHigh: boolean;
  isFall: boolean;
}

const pitchOf = (phrase: AccentPhrase, index: number): Pitch => ({
  isHigh: isHigh(phrase)[index] ?? false,
  isFall: index + 1 === phrase.accent && phrase.accent < phrase.moras.length,
});

const look = ({ isHigh: high, isFall }: Pitch): string =>
  `border-t-2 pt-1 ${high ? "border-t-mark" : "border-t-transparent"} ${isFall ? "border-e-2 border-e-mark" : "border-e-2 border-e-transparent"}`;

function MoraMark({ mora, pitch }: { mora: string; pitch: Pitch }) {
  const isWhispered = mora.startsWith("_");
  return (
    <span className={look(pitch)}>
      <span className={isWhispered ? "text-quiet underline decoration-dotted" : ""}>
        {mora.replace("_", "")}
      </span>
    </span>
  );
}

interface AccentPickerProps {
  phrases: readonly AccentPhrase[];
  onPhrases: (phrases: AccentPhrase[]) => void;
}

/** The same, to be set: in each phrase one chooses the mora after which the pitch falls. */
export function AccentPicker({ phrases, onPhrases }: AccentPickerProps) {
  const t = useText();
  const id = useId();
  const setAccent = (place: number, accent: number) =>
    onPhrases(phrases.map((phrase, at) => (at === place ? { ...phrase, accent } : phrase)));
  return (
    <div lang="ja" className="flex flex-wrap gap-x-3 gap-y-2">
      {phrases.map((phrase, place) => (
        <fieldset key={place} className="flex min-w-0 flex-wrap">
          <legend className="sr-only">{t.readings.phrase(kanaOf(phrase))}</legend>
          {phrase.moras.map((mora, index) => (
            <label
              key={index}
              className={`grid min-h-11 min-w-9 cursor-pointer place-items-center px-1 hover:bg-tint has-focus-visible:outline-3 has-focus-visible:outline-mark ${look(pitchOf(phrase, index))}`}
            >
              <input
                type="radio"
                name={`${id}-${place}`}
                checked={phrase.accent === index + 1}
                onChange={() => setAccent(place, index + 1)}
                aria-label={
                  index + 1 === phrase.moras.length
                    ? t.readings.staysHigh
                    : t.readings.fallsAfter(mora.replace("_", ""), index + 1)
                }
                className="sr-only"
              />
              <span aria-hidden="true" className={mora.startsWith("_") ? "text-quiet" : ""}>
                {mora.replace("_", "")}
              </span>
            </label>
          ))}
        </fieldset>
      ))}
    </div>
  );
}
