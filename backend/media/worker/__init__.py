"""The programs in the jail that look into untrusted files.

Each prints one line of JSON: the facts, or {"code", …} for a refusal. They import nothing of the
product, so that the jail need not show them anything else, and each only what it looks with:
somebody waits for the answer, and libraries take longer to load than a file to be looked at.
"""
