/**
 * Sets the scene through the product's own REST API, where a test is not about getting there.
 */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type APIRequestContext, type APIResponse, expect } from "@playwright/test";
import { photo, recording } from "./belongings";

const API = "/api/v1";

export interface Account {
  email: string;
  password: string;
  name: string;
}

/** A new person; addresses never repeat within a run. */
export function somebody(name: string): Account {
  const unique = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  return { email: `${unique}@example.com`, password: "a long enough password", name };
}

async function body<Answer>(answer: APIResponse): Promise<Answer> {
  expect(answer.ok(), `${answer.url()} ${answer.status()} ${await answer.text()}`).toBe(true);
  return answer.json();
}

export async function signUp(request: APIRequestContext, account: Account): Promise<void> {
  await body(await request.post(`${API}/accounts`, { data: account }));
}

/** Upload a file in the product's own parts and return the upload's id. */
export async function upload(
  request: APIRequestContext,
  kind: "photo" | "audio",
  path: string,
): Promise<string> {
  return sendBytes(request, kind, basename(path), readFileSync(path));
}

async function sendBytes(
  request: APIRequestContext,
  kind: "photo" | "audio" | "video",
  filename: string,
  bytes: Buffer,
): Promise<string> {
  const begun = await body<{ id: string; part_size_bytes: number }>(
    await request.post(`${API}/uploads`, {
      data: { kind, filename, size_bytes: bytes.length },
    }),
  );
  for (let number = 1, at = 0; at < bytes.length; number += 1, at += begun.part_size_bytes) {
    const part = await body<{ url: string; headers: Record<string, string> }>(
      await request.post(`${API}/uploads/${begun.id}/parts`, { data: { number } }),
    );
    const piece = bytes.subarray(at, at + begun.part_size_bytes);
    await body(await request.put(part.url, { data: piece, headers: part.headers }));
  }
  await body(await request.post(`${API}/uploads/${begun.id}/complete`));
  return begun.id;
}

export async function makeVoice(request: APIRequestContext, name: string): Promise<string> {
  const upload_id = await upload(request, "audio", recording);
  const consent = { accepted: true, text: "This is my own voice, and I agree to its use." };
  const voice = await body<{ id: string }>(
    await request.post(`${API}/voices`, { data: { name, language: "en", upload_id, consent } }),
  );
  return voice.id;
}

export interface Draft {
  title: string;
  script: string;
  language: string;
  aspect?: "16:9" | "9:16" | "1:1";
}

export interface Message {
  id: string;
  state: string;
  problem: unknown;
}

/** The first voice that comes with the product and speaks `language`. */
export async function baseVoice(request: APIRequestContext, language: string): Promise<string> {
  const { items } = await body<{ items: { id: string; languages: string[] }[] }>(
    await request.get(`${API}/base-voices`),
  );
  const found = items.find((voice) => voice.languages.includes(language));
  if (!found) throw new Error(`No base voice speaks ${language}.`);
  return found.id;
}

/** A message in a base voice, not yet rendered. */
export async function draftMessage(request: APIRequestContext, draft: Draft): Promise<string> {
  const photo_upload_id = await upload(request, "photo", photo);
  const voice = await baseVoice(request, draft.language);
  const message = await body<Message>(
    await request.post(`${API}/messages`, {
      data: { aspect: "16:9", ...draft, voice, photo_upload_id },
    }),
  );
  return message.id;
}

/** A message that a camera recorded, not yet rendered. */
export async function draftRecording(
  request: APIRequestContext,
  title: string,
  webm: Buffer,
): Promise<string> {
  const recording_upload_id = await sendBytes(request, "video", "recording.webm", webm);
  const message = await body<Message>(
    await request.post(`${API}/messages`, {
      data: { kind: "recording", title, language: "en", recording_upload_id },
    }),
  );
  return message.id;
}

/** Render a message and wait until its video is there. */
export async function render(request: APIRequestContext, id: string): Promise<void> {
  await order(request, id);
  await isReady(request, id);
}

/** Order the video; a recording can be watched from now on. */
export async function order(request: APIRequestContext, id: string): Promise<void> {
  await body(await request.post(`${API}/messages/${id}/render`));
}

export async function isReady(request: APIRequestContext, id: string): Promise<void> {
  await expect
    .poll(async () => (await body<Message>(await request.get(`${API}/messages/${id}`))).state, {
      timeout: 60_000,
      intervals: [250],
    })
    .toBe("ready");
}

export interface Share {
  id: string;
  url: string;
}

/** What a sender may set of a link; what is left out is as it comes. */
export interface LinkRules {
  label?: string;
  password?: string;
  expires_at?: string;
  view_limit?: number;
  allow_download?: boolean;
  allow_reactions?: boolean;
  allow_replies?: boolean;
  cta?: { label: string; url: string };
}

export async function share(
  request: APIRequestContext,
  messageId: string,
  rules: LinkRules = {},
): Promise<Share> {
  return body(await request.post(`${API}/messages/${messageId}/shares`, { data: rules }));
}

/** Change what a link allows. */
export async function changeLink(
  request: APIRequestContext,
  shareId: string,
  rules: LinkRules,
): Promise<void> {
  await body(await request.patch(`${API}/shares/${shareId}`, { data: rules }));
}

export interface Reply {
  kind: string;
  name: string | null;
  text: string | null;
  duration_s: number | null;
  content_url: string | null;
}

export interface Audience {
  opened: number;
  views: number;
  quarters: number[];
  heat: number[];
  reactions: { emoji: string; count: number }[];
  replies: Reply[];
  shares: {
    share_id: string;
    opened: number;
    views: number;
    viewers: number;
    quarters: number[];
  }[];
}

/** How a message was received. */
export async function audience(request: APIRequestContext, messageId: string): Promise<Audience> {
  return body(await request.get(`${API}/messages/${messageId}/audience`));
}

export async function revoke(request: APIRequestContext, shareId: string): Promise<void> {
  const answer = await request.delete(`${API}/shares/${shareId}`);
  expect(answer.status()).toBe(204);
}
