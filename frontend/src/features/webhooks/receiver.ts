/** A receiver to begin with, in Python; the README has the same and its test runs it. */

export const receiverExample = (secret: string): string =>
  `# pip install flask standardwebhooks
from flask import Flask, request
from standardwebhooks import Webhook

app = Flask(__name__)
webhook = Webhook("${secret}")

@app.post("/hooks")
def receive():
    event = webhook.verify(request.data, dict(request.headers))
    print(request.headers["webhook-id"], event["type"], event["data"])
    return "", 204
`;
