"""The published weights: what they are, where they come from, and how they get here whole."""
