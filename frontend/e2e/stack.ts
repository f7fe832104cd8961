/**
 * Starts the product for the browser tests and stops it: every process, on ports that are free and
 * in a folder that is thrown away. Also makes what a person would bring: a spoken recording and a
 * picture, and what the camera sees. With E2E_URL set, the tests visit a product that somebody else has started.
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join, resolve } from "node:path";
import { folder, RECORDED_WORDS } from "./belongings";

const repository = resolve(import.meta.dirname, "../..");
const READY_WITHIN_MS = 120_000;
const STOPS_WITHIN_MS = 20_000;

export default async function startStack(): Promise<() => Promise<void>> {
  const python = findPython();
  makeBelongings(python);
  if (process.env.E2E_URL) return async () => forget();
  const stack = await startAnother("stack");
  process.env.E2E_URL = stack.url;
  return async () => {
    await stack.stop();
    forget();
  };
}

export interface RunningStack {
  url: string;
  stop: () => Promise<void>;
}

/** Start the product with wishes of its own, in a folder of this name. */
export async function startAnother(
  name: string,
  wishes: Record<string, string> = {},
): Promise<RunningStack> {
  const stack = launch(findPython(), name, wishes);
  try {
    return { url: await addressOf(stack, name), stop: () => stop(stack) };
  } catch (problem) {
    await stop(stack);
    throw problem;
  }
}

/** A port on which nobody listens now. */
export async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return String(port);
}

const forget = (): void => rmSync(folder, { recursive: true, force: true });

function findPython(): string {
  const own = join(repository, ".venv/bin/python");
  return process.env.PYTHON ?? (existsSync(own) ? own : "python3");
}

/** A recording long enough to make a voice of, spoken by one of the project's base voices. */
function makeBelongings(python: string): void {
  const speak = (language: string, words: string, name: string): void => {
    const speaker = ["-m", "openvoice_service", "speak", "--text", words, "--language", language];
    execFileSync(python, [...speaker, "--out", join(folder, name)], {
      cwd: repository,
      env: { ...process.env, DATA_DIR: join(folder, "speaker") },
    });
  };
  speak("en", RECORDED_WORDS, "microphone.wav");
  execFileSync(python, ["-c", PAINT, join(folder, "photo.jpg")], { cwd: repository });
  execFileSync(python, ["-c", PORTRAITS, folder], { cwd: repository });
  execFileSync(python, ["-c", FILM, folder], { cwd: repository });
}

const PAINT = `
import sys
from PIL import Image, ImageDraw
picture = Image.linear_gradient("L").resize((1280, 960)).convert("RGB")
ImageDraw.Draw(picture).ellipse((440, 220, 840, 620), fill=(240, 180, 120))
picture.save(sys.argv[1], quality=88)
`;

const PORTRAITS = `
import sys
from pathlib import Path
from PIL import Image
from backend.media.tests.material import draw_face
folder = Path(sys.argv[1])
draw_face(folder / "portrait.jpg", (1600, 1200), (1000, 500), 160)
exif = Image.Exif()
exif[0x0112] = 6
Image.linear_gradient("L").resize((400, 300)).save(folder / "sideways.jpg", exif=exif)
`;

/** Something that moves, for the camera and as a file, made by the product's own ffmpeg. */
const FILM = `
import subprocess, sys
from imageio_ffmpeg import get_ffmpeg_exe
folder = sys.argv[1]
picture = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=15:duration=4"]
sound = ["-f", "lavfi", "-i", "sine=frequency=220:duration=4"]
quiet = [get_ffmpeg_exe(), "-y", "-loglevel", "error"]
subprocess.run([*quiet, *picture, "-pix_fmt", "yuv420p", folder + "/camera.y4m"], check=True)
coded = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
subprocess.run([*quiet, *picture, *sound, *coded, folder + "/film.mp4"], check=True)
`;

/** What would lead these tests to somebody's own data. */
const FOREIGN = [
  "PUBLIC_URL",
  "DATABASE_URL",
  "JOBS_DATABASE_URL",
  "SHARED_ROOT",
  "SPEECH_URL",
  "WORKER_SLOT",
];

function ownEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name));
  return { ...Object.fromEntries(inherited), OPEN_SIGNUP: "true" };
}

const logOf = (name: string): string => join(folder, `${name}.log`);
const readyFileOf = (name: string): string => join(folder, `${name}.json`);

function launch(python: string, name: string, wishes: Record<string, string>): ChildProcess {
  const output = openSync(logOf(name), "w");
  const address = ["--ports", "auto", "--ready-file", readyFileOf(name)];
  const niceness = process.env.E2E_NICENESS;
  const [program = python, ...before] = niceness ? ["nice", "-n", niceness, python] : [python];
  const stack = spawn(
    program,
    [...before, "-m", "backend", "local", "--data-dir", join(folder, name), ...address],
    {
      cwd: repository,
      env: { ...ownEnvironment(), ...wishes },
      stdio: ["ignore", output, output],
    },
  );
  closeSync(output);
  return stack;
}

/** Wait until the start says that all is ready, and where. */
async function addressOf(stack: ChildProcess, name: string): Promise<string> {
  const ready = readyFileOf(name);
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && stack.exitCode === null) {
    if (existsSync(ready)) return JSON.parse(readFileSync(ready, "utf8")).url;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error(`The product did not start:\n${readFileSync(logOf(name), "utf8").slice(-4000)}`);
}

/** Stop the start's own process, which stops the others; insist only if it does not. */
async function stop(stack: ChildProcess): Promise<void> {
  if (stack.exitCode !== null) return;
  const ended = new Promise((resolveEnd) => stack.once("exit", resolveEnd));
  stack.kill("SIGINT");
  const insist = setTimeout(() => stack.kill("SIGKILL"), STOPS_WITHIN_MS);
  await ended;
  clearTimeout(insist);
}
