"""From a command and the catalogue to stages: one file a strategy, all pure."""
