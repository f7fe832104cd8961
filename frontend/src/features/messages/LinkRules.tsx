/** Who may watch behind a link, for how long and how often, and what they may do there. */

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Share } from "../../lib/api";
import { asProblem, sortByField, type Words } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { controlLook, Field, PasswordField, TextField } from "../../ui/Field";
import { WordsNotice } from "../../ui/Notice";
import { useToast } from "../../ui/Toasts";
import {
  changesOf,
  EXPIRY_DAYS,
  type LinkAsIs,
  RULE_FIELDS,
  type RuleField,
  type Rules,
  rulesOf,
} from "./rules";

interface LinkRulesProps {
  share: Share;
  name: string;
  onChanged: () => Promise<void>;
}

export function LinkRules({ share, name, onChanged }: LinkRulesProps) {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-9 text-sm">
        <span className="font-semibold">{t.links.rules}</span>
        <span className="text-quiet"> · {useRulesInShort(share)}</span>
        <span className="sr-only"> ({name})</span>
      </summary>
      {isOpen && <RulesForm share={share} onChanged={onChanged} onDone={() => setOpen(false)} />}
    </details>
  );
}

function useRulesInShort(share: Share): string {
  const { t, format } = useLanguage();
  const rules = [
    share.has_password && t.links.withPassword,
    share.expires_at && t.links.until(format.moment(share.expires_at)),
    share.view_limit !== null &&
      t.links.places(format.integer(share.admissions), format.integer(share.view_limit)),
  ].filter((rule) => rule !== false && rule !== null);
  return rules.length > 0 ? format.list(rules) : t.links.anybody;
}

interface RulesFormProps {
  share: Share;
  onChanged: () => Promise<void>;
  onDone: () => void;
}

function RulesForm({ share, onChanged, onDone }: RulesFormProps) {
  const { t } = useLanguage();
  const toast = useToast();
  const [rules, setRules] = useState(() => rulesOf(share));
  const set = (changes: Partial<Rules>) => setRules((held) => ({ ...held, ...changes }));
  const save = useMutation({
    mutationFn: () =>
      bodyOf(
        api.PATCH("/api/v1/shares/{share_id}", {
          params: { path: { share_id: share.id } },
          body: changesOf(share, rules, Date.now()),
        }),
      ),
    async onSuccess() {
      await onChanged();
      toast(t.links.saved);
      onDone();
    },
  });
  const problem = save.error ? asProblem(save.error) : null;
  const { fields, rest } = sortByField(t, problem, RULE_FIELDS);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  return (
    <form onSubmit={send} className="mt-3 grid gap-5" noValidate>
      <TextField
        label={t.links.label}
        hint={t.links.labelHint}
        value={rules.label}
        onValue={(label) => set({ label })}
        problem={fields.label}
        maxLength={100}
        isOptional
      />
      <RuleFields share={share} rules={rules} set={set} fields={fields} />
      <WordsNotice words={rest} />
      <Button type="submit" look="primary" busy={save.isPending}>
        {t.common.save}
      </Button>
    </form>
  );
}

/** What a part of the form shows and changes, and what the server refused of it. */
interface RuleProps {
  share: LinkAsIs;
  rules: Rules;
  set: (changes: Partial<Rules>) => void;
  fields: Partial<Record<RuleField, Words>>;
}

/** All rules of a link, be it one that is there or one that is to be made. */
export function RuleFields(props: RuleProps) {
  return (
    <>
      <PasswordRule {...props} />
      <ExpiryRule {...props} />
      <LimitRule {...props} />
      <Permissions {...props} />
      <ButtonRule {...props} />
    </>
  );
}

function PasswordRule({ share, rules, set, fields }: RuleProps) {
  const { t } = useLanguage();
  return (
    <Choice
      name={t.links.askPassword}
      isOn={rules.hasPassword}
      onChange={(hasPassword) => set({ hasPassword })}
    >
      <PasswordField
        label={t.links.password}
        hint={share.has_password ? t.links.passwordKept : t.links.passwordHint}
        value={rules.password}
        onValue={(password) => set({ password })}
        problem={fields.password}
        autoComplete="off"
      />
    </Choice>
  );
}

function LimitRule({ rules, set, fields }: RuleProps) {
  const { t } = useLanguage();
  return (
    <Choice
      name={t.links.limitViews}
      isOn={rules.hasLimit}
      onChange={(hasLimit) => set({ hasLimit })}
    >
      <TextField
        label={t.links.limit}
        hint={t.links.limitHint}
        value={rules.limit}
        onValue={(limit) => set({ limit })}
        problem={fields.limit}
        type="number"
        inputMode="numeric"
        min={1}
      />
    </Choice>
  );
}

function Permissions({ rules, set }: RuleProps) {
  const { t } = useLanguage();
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1 font-semibold">{t.links.allowed}</legend>
      {(["download", "reactions", "replies"] as const).map((what) => (
        <Choice
          key={what}
          name={t.links[what]}
          isOn={rules[what]}
          onChange={(isOn) => set({ [what]: isOn })}
        />
      ))}
    </fieldset>
  );
}

function ButtonRule({ rules, set, fields }: RuleProps) {
  const { t } = useLanguage();
  return (
    <Choice name={t.links.showButton} isOn={rules.hasCta} onChange={(hasCta) => set({ hasCta })}>
      <TextField
        label={t.links.buttonLabel}
        value={rules.ctaLabel}
        onValue={(ctaLabel) => set({ ctaLabel })}
        problem={fields.ctaLabel}
        maxLength={40}
      />
      <TextField
        label={t.links.buttonUrl}
        hint={t.links.buttonUrlHint}
        value={rules.ctaUrl}
        onValue={(ctaUrl) => set({ ctaUrl })}
        problem={fields.ctaUrl}
        type="url"
        inputMode="url"
        placeholder="https://"
      />
    </Choice>
  );
}

function ExpiryRule({ share, rules, set, fields }: RuleProps) {
  const { t, format } = useLanguage();
  return (
    <Field label={t.links.expiry} problem={fields.expiry}>
      {(control) => (
        <select
          {...control}
          value={rules.expiry}
          onChange={(event) => set({ expiry: event.target.value as Rules["expiry"] })}
          className={controlLook}
        >
          <option value="never">{t.links.never}</option>
          {share.expires_at && (
            <option value="keep">{t.links.until(format.moment(share.expires_at))}</option>
          )}
          {EXPIRY_DAYS.map((days) => (
            <option key={days} value={String(days)}>
              {t.links.days(format.integer(days))}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface ChoiceProps {
  name: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  /** What is asked further where it is on. */
  children?: ReactNode;
}

function Choice({ name, isOn, onChange, children }: ChoiceProps) {
  return (
    <div className="grid gap-3">
      <label className="flex min-h-9 items-center gap-3">
        <input
          type="checkbox"
          checked={isOn}
          onChange={(event) => onChange(event.target.checked)}
          className="size-5 shrink-0 accent-mark"
        />
        <span className={children ? "font-semibold" : ""}>{name}</span>
      </label>
      {isOn && children}
    </div>
  );
}
