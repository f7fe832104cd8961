/** The typed way to the backend. Every failure becomes a `Problem`; every 401 ends the session. */

import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "../api/schema";
import { Problem, problemFrom, unreachable } from "./problems";

type Schemas = components["schemas"];
export type Account = Schemas["AccountBody"];
export type ApiKey = Schemas["ApiKeyBody"];
export type MadeApiKey = Schemas["MadeApiKey"];
export type Scope = Schemas["Scope"];
export type Webhook = Schemas["WebhookBody"];
export type MadeWebhook = Schemas["MadeWebhook"];
export type WebhookEvent = Schemas["NewWebhook"]["events"] extends (infer Kind)[] | undefined
  ? Kind
  : never;
export type Delivery = Schemas["DeliveryBody"];
export type Invitation = Schemas["InvitationBody"];
export type Upload = Schemas["UploadBody"];
export type Voice = Schemas["VoiceBody"];
export type BaseVoice = Schemas["BaseVoiceBody"];
export type BaseVoiceList = Schemas["BaseVoiceList"];
export type Message = Schemas["MessageBody"];
/** A message as lists have it. */
export type MessageSummary = Schemas["MessageSummary"];
export type MessageChanges = Schemas["MessageChanges"];
export type Word = Schemas["WordBody"];
export type Theme = Schemas["Theme"];
export type Preview = Schemas["PreviewBody"];
export type Lane = Schemas["LaneStatus"];
export type Costs = Schemas["CostReport"];
export type Share = Schemas["ShareBody"];
export type ShareChanges = Schemas["ShareChanges"];
export type Audience = Schemas["AudienceBody"];
export type Email = Schemas["EmailBody"];
export type Reply = Schemas["ReplyBody"];
export type Campaign = Schemas["CampaignBody"];
export type CampaignSummary = Schemas["CampaignSummary"];
export type CampaignMapping = Schemas["Mapping"];
export type CampaignRow = Schemas["RowBody"];
export type RowState = Schemas["RowState"];
export type TemplateProblem = Schemas["TemplateProblem"];
/** What an event of a message's stream says: the same fields as the message itself. */
export type ProgressEvent = Schemas["Progress"] & Pick<Message, "state" | "problem">;

/** Tells "end" whenever the server says that nobody is signed in. */
export const session = new EventTarget();

const failLoudly: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return;
    const body: unknown = await response.json().catch(() => null);
    const problem = problemFrom(response.status, body);
    if (problem.code === "unauthorized") session.dispatchEvent(new Event("end"));
    throw problem;
  },
  onError({ error }) {
    if (error instanceof Problem) return error;
    return error instanceof DOMException && error.name === "AbortError" ? error : unreachable();
  },
};

/** The wrapped call, so that a test's interceptor, installed later, is still used. */
const currentFetch = (request: Request): Promise<Response> => globalThis.fetch(request);

export const api = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  fetch: currentFetch,
});
api.use(failLoudly);

/** The body of an answer that has one; a problem has been thrown before. */
export async function bodyOf<Body>(answer: Promise<{ data?: Body }>): Promise<Body> {
  const { data: body } = await answer;
  if (body === undefined) throw new Problem("http", 200, "An answer without a body.");
  return body;
}
