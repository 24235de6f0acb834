"""What a release is, where it stands, and what to do next: values and pure functions. No I/O, no clock, no logger."""
