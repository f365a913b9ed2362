"""The four reviewers and what keeps them honest."""
