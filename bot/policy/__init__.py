"""Who may do what: facts in, a tree of reasons out. An error is never an approval."""
