"""The pact: its schema, the default pacts, its versions and signatures, and what keeps them."""
