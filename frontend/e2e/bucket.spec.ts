/** Files in S3: a browser sends them to the bucket by itself, and is shown them by the app. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { signUp, somebody } from "./api";
import { expect, test } from "./scene";
import { choosePhoto, photoShown, words } from "./sender";
import { type RunningStack, startAnother } from "./stack";

const repository = resolve(import.meta.dirname, "../..");
const t = words.en;

let s3: ChildProcess;
let stack: RunningStack;
let bucketUrl: string;

// Another stack for what the backend's tests hold in every part: `SOAK=1` has it seen in a browser.
test.skip(!process.env.SOAK, "SOAK=1 sends a photo to a bucket from a browser");

test.beforeAll(async () => {
  test.setTimeout(180_000);
  const python = process.env.PYTHON ?? resolve(repository, ".venv/bin/python");
  const served = ["-m", "backend.storage.tests.moto_s3"];
  s3 = spawn(python, served, { cwd: repository, stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(s3.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  const wishes = JSON.parse(line.toString()) as Record<string, string>;
  bucketUrl = `${wishes.AWS_ENDPOINT_URL}/${wishes.STORAGE_BUCKET}/uploads/`;
  stack = await startAnother("bucket", wishes);
});
test.afterAll(async () => {
  await stack?.stop();
  s3?.stdin?.end();
});

test("a photo goes to the bucket directly, and comes back through the app", async ({ browser }) => {
  const page = await (await browser.newContext({ baseURL: stack.url })).newPage();
  const sent: string[] = [];
  page.on("requestfinished", (request) => {
    if (request.method() === "PUT") sent.push(request.url());
  });
  await page.goto("/");
  await signUp(page.request, somebody("Anna Berg"));
  await page.goto("/messages/new");
  await choosePhoto(page, t);
  await expect(photoShown(page, t)).toBeVisible({ timeout: 30_000 });
  expect(sent).toHaveLength(1);
  expect(sent[0]?.startsWith(bucketUrl)).toBe(true);
  const shown = await photoShown(page, t).getAttribute("src");
  expect(new URL(shown ?? "", stack.url).origin).toBe(new URL(stack.url).origin);
});
