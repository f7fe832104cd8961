import { resolve } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { createLogger, type Logger, loadEnv, type ProxyOptions } from "vite";
import { defineConfig } from "vitest/config";

/** What the backend answers; everything else is the app. `/s` needs its slash: `/src` is ours. */
const BACKEND_PATHS = ["/api", "/v1", "/s/", "/oembed", "/docs", "/openapi.json"];

/** Share tokens are part of paths, signatures of queries: a call that fails is logged without. */
function discreetLogger(): Logger {
  const logger = createLogger();
  const tell = logger.error;
  logger.error = (message, options) =>
    tell(message.replace(/(http proxy error: )\S+/g, "$1a call to the backend"), options);
  return logger;
}

export default defineConfig(({ mode }) => {
  const env = { ...loadEnv(mode, resolve(import.meta.dirname, ".."), ""), ...process.env };
  const port = Number(env.FRONTEND_PORT ?? 55434);
  const backend = `http://127.0.0.1:${env.BACKEND_PORT ?? 55433}`;
  const publicHost = new URL(env.PUBLIC_URL ?? `http://localhost:${port}`).hostname;
  // The backend sees the browser's own Host and address, so that cookies and the origin check hold.
  const toBackend: ProxyOptions = {
    target: backend,
    changeOrigin: false,
    xfwd: true,
    configure(proxy) {
      // A backend that dies in the middle of an answer must end it for the browser too: otherwise
      // a progress stream hangs for good instead of connecting again.
      proxy.on("proxyRes", (answer, _request, toBrowser) => {
        answer.on("close", () => {
          if (!answer.complete) toBrowser.destroy();
        });
      });
    },
  };
  const served = {
    port,
    host: env.FRONTEND_HOST ?? "127.0.0.1",
    strictPort: true,
    allowedHosts: [publicHost, "localhost", "127.0.0.1"],
    proxy: Object.fromEntries(BACKEND_PATHS.map((path) => [path, toBackend])),
  };
  return {
    plugins: [react(), tailwindcss()],
    customLogger: discreetLogger(),
    server: served,
    preview: { ...served, headers: securityHeaders(env.STORAGE_ORIGIN) },
    build: {
      target: "es2022",
      // An inlined asset would be a data: URL, which the fonts' and scripts' policy refuses.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: {
        input: {
          index: resolve(import.meta.dirname, "index.html"),
          share: resolve(import.meta.dirname, "share.html"),
        },
      },
    },
    test: {
      restoreMocks: true,
      testTimeout: 20_000,
      // Making a document takes longer than most files that need none.
      projects: [
        {
          extends: true,
          test: {
            name: "logic",
            environment: "node",
            include: ["src/**/*.test.ts"],
            exclude: ["src/**/*.dom.test.ts"],
          },
        },
        {
          extends: true,
          test: {
            name: "pages",
            environment: "jsdom",
            include: ["src/**/*.test.tsx", "src/**/*.dom.test.ts"],
            setupFiles: ["src/test/setup.ts"],
          },
        },
      ],
    },
  };
});

/** The same as in nginx.conf; `storageOrigin` is where pages send parts directly, if anywhere. */
const securityHeaders = (storageOrigin = "") => ({
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    `connect-src 'self' ${storageOrigin}`.trim(),
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
});
