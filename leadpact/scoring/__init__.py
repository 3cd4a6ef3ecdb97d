"""The score: what the pact's rules say of a record, explained rule by rule."""
