"""Slack calls us: what it signed is checked, taken apart and given to a desk. Slack Bolt is known here and nowhere else."""
