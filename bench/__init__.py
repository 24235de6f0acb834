"""The bench: `python -m bench` starts the bot beside everything it talks to, measures it, and writes `RESULTS.md`.

The bot is the real `lockmaster serve`; it is known here by protocol alone. Only the bare handler, which the bot is compared with,
borrows the bot's own lock script. Nothing here is a test: a goal that is missed is marked, and the exit status stays 0.
"""
