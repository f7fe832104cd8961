"""The GPU machine's power: when it starts and stops, who pays for it, and what does its work."""
