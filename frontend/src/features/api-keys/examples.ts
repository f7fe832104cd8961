/** What a program can say at once with a new key: the same sentence by curl and by Python. */

import type { Locale } from "../../i18n";

interface Spoken {
  sentence: string;
  install: string;
}

const spoken: Record<Locale, Spoken> = {
  en: { sentence: "Hello! I am speaking through the API.", install: "Once: pip install openai" },
  ja: { sentence: "こんにちは。APIから話しています。", install: "最初に一度：pip install openai" },
};

/** `address` is where the app is reached, without a slash at its end. */
export function curlExample(locale: Locale, address: string, key: string): string {
  const body = JSON.stringify({ input: spoken[locale].sentence, voice: "alloy" });
  return [
    `curl ${address}/v1/audio/speech \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${body}' \\`,
    "  -o hello.mp3",
  ].join("\n");
}

/** What a key that may not speak but read can ask at once. */
export function messagesExample(address: string, key: string): string {
  return [`curl ${address}/api/v1/messages \\`, `  -H "Authorization: Bearer ${key}"`].join("\n");
}

export function pythonExample(locale: Locale, address: string, key: string): string {
  const { sentence, install } = spoken[locale];
  return [
    `# ${install}`,
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url="${address}/v1", api_key="${key}")`,
    "with client.audio.speech.with_streaming_response.create(",
    `    model="openvoice", voice="alloy", input="${sentence}"`,
    ") as speech:",
    '    speech.stream_to_file("hello.mp3")',
  ].join("\n");
}
