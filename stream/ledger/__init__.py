"""The process that keeps the book: alerts, actions, replies, troubles, as they came, for good.

What an entry is, and what is read out of many, is decided in `alerts/ledger/`; here are the
database and the topics. `database` speaks to SQLite or PostgreSQL, `store` holds the entries,
`scribe` writes what comes, `run` reads the topics.
"""
