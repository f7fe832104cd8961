"""Video Message's client for Python: uploads, voices, messages, links, mails and campaigns.

from videomessage import Client

with Client("vm_…", "https://video.example.com") as client:
    message = client.messages.create(title="…", script="…", voice="…", photo_upload_id="…")
    client.messages.render(message["id"])
    ready = client.messages.wait(message["id"])
"""

from videomessage.client import Client
from videomessage.problems import ApiProblem, ConnectionProblem
from videomessage.signatures import SignatureWrong, verify

__all__ = ["ApiProblem", "Client", "ConnectionProblem", "SignatureWrong", "verify"]
