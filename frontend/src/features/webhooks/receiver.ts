/** A receiver to begin with, in Python: the README's, which its test runs. */

export const receiverExample = (secret: string): string =>
  `# pip install standardwebhooks; python receiver.py
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook("${secret}")
seen = set()  # in earnest a table: an event may come again, under the same id


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = webhook.verify(body, dict(self.headers))
        except WebhookVerificationError:
            return self.send_error(400)
        if self.headers["webhook-id"] not in seen:
            seen.add(self.headers["webhook-id"])
            print(event["type"], event["data"], flush=True)
        self.send_response(204)
        self.end_headers()


HTTPServer(("127.0.0.1", 8080), Receiver).serve_forever()
`;
