"""All tables. Importing it makes each known to the others: foreign keys are resolved by name."""

from backend.accounts import models as accounts
from backend.api_keys import models as api_keys
from backend.campaigns import models as campaigns
from backend.db import Base
from backend.idempotency import models as idempotency
from backend.jobs import models as jobs
from backend.mail import models as mail
from backend.messages import models as messages
from backend.power import models as power
from backend.shares import models as shares
from backend.uploads import models as uploads
from backend.voices import models as voices
from backend.webhooks import models as webhooks
from backend.words import models as words

FEATURES = (
    accounts, api_keys, campaigns, idempotency, jobs, mail, messages, power, shares, uploads,
    voices, webhooks, words,
)  # fmt: skip
METADATA = Base.metadata
