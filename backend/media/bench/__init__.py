"""How fast media is opened and videos are made."""
