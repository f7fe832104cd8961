/** What the tests of whole pages share: the API's address and somebody who is signed in. */

import { HttpResponse, http } from "msw";

export const API = "*/api/v1";

export const ACCOUNT = {
  id: "acc_1",
  email: "anna@example.com",
  name: "Anna",
  language: "en",
  is_owner: true,
  mail_at_first_view: true,
  created_at: "2026-01-01T00:00:00Z",
};

/** The answer that makes the app show its pages instead of the sign-in. */
export const signedInAs = (account: object = ACCOUNT) =>
  http.get(`${API}/accounts/me`, () => HttpResponse.json(account));
